/* redis_url - scheme://[user:password@]place, taken apart from the left.
 * A password that holds a raw '/' or '@' moves every boundary after it, so no message quotes any
 * part of the text: what looks like a port may be half of a password. */
#include "net/redis_url.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/url.h"
#include "base/wipe.h"
#include "base/xalloc.h"

enum { DEFAULT_PORT = 6379, MAX_PORT = 65535, MAX_HOST = 253, MAX_SECRET = 4096 };

enum { MAX_PATH = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };

/* Visible bytes only: everything else has to be percent-coded. */
static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Cuts `rest` at `byte`: what stands before it is returned, `rest` keeps what begins with it. */
static struct slice cut(struct slice *rest, char byte)
{
    struct slice head = slice_head(*rest, slice_find(*rest, byte));

    *rest = slice_skip(*rest, head.length);
    return head;
}

static bool decode(struct slice coded, char **out, struct error *error)
{
    struct buffer text = BUFFER(MAX_SECRET);

    if (!url_add_decoded(&text, coded) || text.failed) {
        buffer_clear(&text);
        return error_set(error, "user or password has a broken %%XX escape or is too long");
    }
    free(*out);
    *out = text.length > 0 ? buffer_take(&text) : xstrdup("");
    buffer_clear(&text);
    return true;
}

/* Takes "user:password@" off the front of `authority`. The last '@' counts, so that a password with
 * a raw '@' still works. */
static bool take_userinfo(struct redis_url *url, struct slice *authority, struct error *error)
{
    struct slice user;
    size_t at = authority->length;
    struct slice password;

    while (at > 0 && authority->data[at - 1] != '@') {
        at--;
    }
    if (at == 0) {
        return true;
    }
    password = slice_head(*authority, at - 1);
    *authority = slice_skip(*authority, at);
    user = cut(&password, ':');
    if (password.length < 2) {
        return error_set(error, "a password is missing: write user:password@ or :password@");
    }
    return decode(user, &url->user, error) &&
           decode(slice_skip(password, 1), &url->password, error);
}

static bool take_db(struct redis_url *url, struct slice text, struct error *error)
{
    uint64_t db = 0;

    if (text.length > 0 && (!slice_to_u64(text, &db) || db > INT_MAX)) {
        return error_set(error, "the database must be a number from 0 (a '/', '?' or '#' in the "
                                "password must be percent-coded)");
    }
    url->db = (int)db;
    return true;
}

static bool take_port(struct redis_url *url, struct slice text, struct error *error)
{
    uint64_t port = 0;

    if (!slice_to_u64(text, &port) || port == 0 || port > MAX_PORT) {
        return error_set(error,
                         "the port must be a number from 1 to %d (a '/' in the password must "
                         "be percent-coded)",
                         MAX_PORT);
    }
    url->port = (int)port;
    return true;
}

/* "host", "host:port", "[v6]" or "[v6]:port". */
static bool take_host(struct redis_url *url, struct slice authority, struct error *error)
{
    bool bracket = authority.length > 0 && authority.data[0] == '[';
    struct slice rest = bracket ? slice_skip(authority, 1) : authority;
    struct slice host = cut(&rest, bracket ? ']' : ':');

    if (bracket) {
        if (rest.length == 0) {
            return error_set(error, "the ']' after the address is missing");
        }
        rest = slice_skip(rest, 1);
    }
    if (host.length == 0 || host.length > MAX_HOST) {
        return error_set(error, "the host is missing or too long");
    }
    free(url->host);
    url->host = slice_copy(host);
    url->port = DEFAULT_PORT;
    if (rest.length == 0) {
        return true;
    }
    if (rest.data[0] != ':') {
        return error_set(error, "after the ']' only a port may stand");
    }
    return take_port(url, slice_skip(rest, 1), error);
}

static bool parse_tcp(struct redis_url *url, struct slice rest, struct error *error)
{
    struct slice authority = cut(&rest, '/');

    if (!take_userinfo(url, &authority, error) || !take_host(url, authority, error) ||
        !take_db(url, slice_skip(rest, 1), error)) {
        return false;
    }
    url->display =
        xasprintf(strchr(url->host, ':') != NULL ? "redis%s://[%s]:%d/%d" : "redis%s://%s:%d/%d",
                  url->secure ? "s" : "", url->host, url->port, url->db);
    return true;
}

static bool parse_unix(struct redis_url *url, struct slice rest, struct error *error)
{
    struct slice authority = cut(&rest, '/');
    struct slice path = cut(&rest, '?');

    if (!take_userinfo(url, &authority, error)) {
        return false;
    }
    if (authority.length > 0 || path.length < 2 || path.length > (size_t)MAX_PATH) {
        return error_set(error, "the path of the socket must begin with / and be at most %d bytes",
                         (int)MAX_PATH);
    }
    if (rest.length > 0 && !slice_starts_with(rest, "?db=")) {
        return error_set(error, "after the path only ?db=N may stand");
    }
    if (!take_db(url, slice_skip(rest, strlen("?db=")), error)) {
        return false;
    }
    free(url->path);
    url->path = slice_copy(path);
    url->display = url->db == 0 ? xasprintf("unix://%s", url->path)
                                : xasprintf("unix://%s?db=%d", url->path, url->db);
    return true;
}

static bool parse_tls(struct redis_url *url, struct slice rest, struct error *error)
{
    if (redis_tls_possible()) {
        url->secure = true;
        return parse_tcp(url, rest, error);
    }
    return error_set(error, "rediss:// needs TLS, which this build does not have: use redis:// or "
                            "unix://, or a TLS tunnel");
}

static const struct scheme {
    const char *prefix;
    bool (*parse)(struct redis_url *url, struct slice rest, struct error *error);
} schemes[] = {
    {"redis://", parse_tcp},
    {"unix://", parse_unix},
    {"rediss://", parse_tls},
};

static bool parse(struct redis_url *url, struct slice text, struct error *error)
{
    if (!is_visible(text)) {
        return error_set(error, "must not contain spaces or control bytes");
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (slice_starts_with(text, schemes[i].prefix)) {
            return schemes[i].parse(url, slice_skip(text, strlen(schemes[i].prefix)), error);
        }
    }
    return error_set(error, "must begin with redis://, rediss:// or unix://");
}

bool redis_url_parse(struct redis_url *url, struct slice text, struct error *error)
{
    *url = (struct redis_url){
        .host = xstrdup(""), .path = xstrdup(""), .user = xstrdup(""), .password = xstrdup("")};
    if (!parse(url, text, error)) {
        redis_url_clear(url);
        return false;
    }
    return true;
}

static bool secure(struct redis_url *url, const struct config *config, struct error *error)
{
    struct redis_tls_files files = {config->redis_ca, config->redis_cert, config->redis_key};

    if (!url->secure)
        return true;
    url->tls = redis_tls_new(&files, error);
    return url->tls != NULL;
}

static bool check_files(const struct redis_url *url, const struct config *config,
                        struct error *error)
{
    const char *variable = config->redis_ca[0] != '\0'     ? "REELQ_REDIS_CA"
                           : config->redis_cert[0] != '\0' ? "REELQ_REDIS_CERT"
                           : config->redis_key[0] != '\0'  ? "REELQ_REDIS_KEY"
                                                           : NULL;

    return url->secure || variable == NULL ||
           error_set(error, "%s is for rediss://, which REELQ_REDIS_URL is not", variable);
}

bool redis_url_load(struct redis_url *url, const struct config *config, struct error *error)
{
    if (!redis_url_parse(url, slice_text(config->redis_url), error))
        return error_prefix(error, "REELQ_REDIS_URL");
    if (check_files(url, config, error) && secure(url, config, error))
        return true;
    redis_url_clear(url);
    return false;
}

bool redis_url_load_admin(struct redis_url *url, const struct config *config, struct error *error)
{
    bool own = config->admin_redis_url[0] != '\0';

    if (!redis_url_parse(url, slice_text(own ? config->admin_redis_url : config->redis_url), error))
        return error_prefix(error, own ? "REELQ_ADMIN_REDIS_URL" : "REELQ_REDIS_URL");
    if (secure(url, config, error))
        return true;
    redis_url_clear(url);
    return false;
}

void redis_url_clear(struct redis_url *url)
{
    free(url->host);
    free(url->path);
    free(url->user);
    wipe_free_text(url->password);
    free(url->display);
    redis_tls_free(url->tls);
    *url = (struct redis_url){0};
}
