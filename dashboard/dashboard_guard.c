#include "dashboard/dashboard_guard.h"

#include <arpa/inet.h>
#include <string.h>

#include <openssl/crypto.h>

#include "net/http_field.h"

static const struct dashboard_refusal none = {0, NULL};

static struct dashboard_refusal refuse(int status, const char *text)
{
    return (struct dashboard_refusal){status, text};
}

/* The one field of that name; empty when there is none, or more than one. */
static struct slice field(const struct http_view *view, const char *name, unsigned *count)
{
    struct slice value = slice_text("");

    *count = http_field_find(view->fields, name, &value);
    return *count == 1 ? value : slice_text("");
}

/* --- host ------------------------------------------------------------------------------------- */

static bool is_address(struct slice name)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    bool bracket = name.length > 2 && name.data[0] == '[' && name.data[name.length - 1] == ']';

    if (bracket)
        name = slice_make(name.data + 1, name.length - 2);
    if (name.length >= sizeof(text))
        return false;
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    return inet_pton(bracket ? AF_INET6 : AF_INET, text, address) == 1;
}

/* HOST or HOST:PORT without the port. */
static struct slice name_of(struct slice host)
{
    size_t bracket = slice_find(host, ']');
    size_t from = bracket < host.length ? bracket : 0;

    return slice_head(host, from + slice_find(slice_skip(host, from), ':'));
}

static bool equals_nocase(struct slice a, struct slice b)
{
    return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

static bool is_listed(struct slice name, struct slice list)
{
    while (list.length > 0) {
        size_t comma = slice_find(list, ',');
        if (equals_nocase(name, slice_trim(slice_head(list, comma))))
            return true;
        list = slice_skip(list, comma + 1);
    }
    return false;
}

struct dashboard_refusal dashboard_guard_read(const struct dashboard_guard *guard,
                                              const struct http_view *view)
{
    unsigned count;
    struct slice name = name_of(field(view, "Host", &count));

    if (name.length > 0 && (is_address(name) || slice_is_nocase(name, "localhost") ||
                            is_listed(name, slice_text(guard->hosts))))
        return none;
    return refuse(403, "this host name is not known here: use an IP address or localhost, or name "
                       "it in REELQ_ADMIN_HOSTS");
}

/* --- origin ----------------------------------------------------------------------------------- */

static bool is_own_origin(struct slice origin, struct slice host)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (slice_starts_with(origin, schemes[i]) &&
            equals_nocase(slice_skip(origin, strlen(schemes[i])), host))
            return true;
    return false;
}

static struct dashboard_refusal judge_origin(const struct http_view *view)
{
    unsigned origins, sites, hosts;
    struct slice origin = field(view, "Origin", &origins);
    struct slice site = field(view, "Sec-Fetch-Site", &sites);

    if (origins > 0 && !is_own_origin(origin, field(view, "Host", &hosts)))
        return refuse(403, "this comes from another origin");
    if (sites > 0 && !slice_is(site, "same-origin") && !slice_is(site, "none"))
        return refuse(403, "this comes from another site");
    return none;
}

static struct dashboard_refusal judge_type(const struct http_view *view)
{
    unsigned count;
    struct slice type = field(view, "Content-Type", &count);

    if (slice_is_nocase(slice_trim(slice_head(type, slice_find(type, ';'))), "application/json"))
        return none;
    return refuse(403, "the Content-Type must be application/json");
}

/* --- token ------------------------------------------------------------------------------------ */

static bool is_token(const struct signature_keys *tokens, struct slice given)
{
    bool found = false;

    for (unsigned i = 0; i < tokens->count; i++) {
        struct slice token = slice_text(tokens->secrets[i]);
        found |= token.length == given.length &&
                 CRYPTO_memcmp(token.data, given.data, token.length) == 0;
    }
    return found;
}

static struct dashboard_refusal judge_token(const struct dashboard_guard *guard,
                                            const struct http_view *view)
{
    static const char scheme[] = "Bearer ";
    unsigned count;
    struct slice given = field(view, "Authorization", &count);

    if (guard->tokens->count == 0)
        return refuse(403, "REELQ_ADMIN_TOKEN is not set: nothing can be changed here");
    if (count == 0)
        return refuse(401, "this needs a token: Authorization: Bearer, and REELQ_ADMIN_TOKEN");
    bool bearer = slice_is_nocase(slice_head(given, strlen(scheme)), scheme);
    if (bearer && is_token(guard->tokens, slice_trim(slice_skip(given, strlen(scheme)))))
        return none;
    return refuse(401, "the token is not the one of REELQ_ADMIN_TOKEN");
}

struct dashboard_refusal dashboard_guard_change(const struct dashboard_guard *guard,
                                                const struct http_view *view)
{
    struct dashboard_refusal refusal = dashboard_guard_read(guard, view);

    if (refusal.status == 0)
        refusal = judge_origin(view);
    if (refusal.status == 0)
        refusal = judge_type(view);
    return refusal.status == 0 ? judge_token(guard, view) : refusal;
}
