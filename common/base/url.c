#include "base/url.h"

#include <arpa/inet.h>

enum { HOST_MAX = 255 };

/* --- parts ------------------------------------------------------------------------------------ */

/* Printable, and not one of those that RFC 3986 keeps out and that break headers and shells. */
static bool is_url_byte(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte > 0x20 && byte != 0x7f && byte != '"' && byte != '<' && byte != '>' && byte != '\\';
}

static bool check_bytes(struct slice text, struct error *error)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_url_byte(text.data[i]))
            return error_set(error, "must not hold the byte 0x%02x (at byte %zu)",
                             (unsigned)(unsigned char)text.data[i], i);
    return true;
}

static bool split_scheme(struct slice text, struct url *url, struct slice *rest)
{
    static const char *const schemes[] = {"http", "https"};
    size_t colon = slice_find(text, ':');

    url->scheme = slice_head(text, colon);
    *rest = slice_skip(text, colon);
    if (!slice_starts_with(*rest, "://"))
        return false;
    *rest = slice_skip(*rest, 3);
    return slice_is_nocase(url->scheme, schemes[0]) || slice_is_nocase(url->scheme, schemes[1]);
}

static size_t shorter(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters, digits and "-._~", or what stands for a name in another script. */
static bool is_host_name(struct slice host)
{
    for (size_t i = 0; i < host.length; i++) {
        char c = host.data[i];
        if (!slice_is_alnum(c) && (unsigned char)c < 0x80 && slice_find(slice_text("-._~"), c) == 4)
            return false;
    }
    return host.length > 0 && host.length <= HOST_MAX;
}

static bool is_ipv6(struct slice host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (host.length >= sizeof(text))
        return false;
    for (size_t i = 0; i < host.length; i++)
        text[i] = host.data[i];
    text[host.length] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

static bool parse_port(struct slice rest, struct url *url, struct error *error)
{
    uint64_t port;

    url->port = slice_skip(rest, 1);
    if (rest.length == 0)
        return true;
    if (rest.data[0] != ':' || !slice_to_u64(url->port, &port) || port < 1 || port > 65535)
        return error_set(error, "must have a port from 1 to 65535, or none");
    return true;
}

/* HOST[:PORT] or [IPV6][:PORT] */
static bool parse_host(struct slice authority, struct url *url, struct error *error)
{
    bool bracket = slice_starts_with(authority, "[");
    size_t end = slice_find(authority, bracket ? ']' : ':');
    struct slice rest = slice_skip(authority, bracket ? end + 1 : end);

    url->host = slice_head(authority, end);
    if (bracket)
        url->host = slice_skip(url->host, 1);
    if (authority.length == 0 || end == 0)
        return error_set(error, "must have a host");
    if (bracket && (end == authority.length || !is_ipv6(url->host)))
        return error_set(error, "must have an IPv6 address between '[' and ']'");
    if (!bracket && !is_host_name(url->host))
        return error_set(error, "must have a host of letters, digits, '-' and '.'");
    return parse_port(rest, url, error);
}

bool url_parse(struct slice text, size_t maximum, struct url *url, struct error *error)
{
    struct slice rest;

    if (text.length > maximum)
        return error_set(error, "must be at most %zu bytes long", maximum);
    if (!split_scheme(text, url, &rest))
        return error_set(error, "must start with http:// or https://");
    if (!check_bytes(text, error))
        return false;

    size_t end =
        shorter(slice_find(rest, '/'), shorter(slice_find(rest, '?'), slice_find(rest, '#')));
    struct slice authority = slice_head(rest, end);
    struct slice target = slice_skip(rest, end);
    url->target = slice_head(target, slice_find(target, '#'));
    url->origin = slice_head(text, text.length - target.length);

    size_t at = slice_find(authority, '@');
    if (at < authority.length) {
        authority = slice_skip(authority, at + 1);
        url->origin = slice_head(text, 0);
    }
    return parse_host(authority, url, error);
}

static uint64_t effective_port(const struct url *url)
{
    uint64_t port = slice_is_nocase(url->scheme, "https") ? 443 : 80;
    (void)slice_to_u64(url->port, &port); // leaves the default where none is given
    return port;
}

static bool same_nocase(struct slice a, struct slice b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++) {
        char one[2] = {a.data[i], '\0'};
        if (!slice_is_nocase(slice_make(b.data + i, 1), one))
            return false;
    }
    return true;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return same_nocase(a->scheme, b->scheme) && same_nocase(a->host, b->host) &&
           effective_port(a) == effective_port(b);
}

/* --- percent-coding --------------------------------------------------------------------------- */

void url_add_encoded(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (slice_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
            buffer_add_char(out, c);
        else
            buffer_add_format(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_add_decoded(struct buffer *out, struct slice text)
{
    while (text.length > 0) {
        size_t plain = slice_find(text, '%');
        buffer_add(out, text.data, plain);
        text = slice_skip(text, plain);
        if (text.length == 0)
            return true;
        int high = text.length < 3 ? -1 : hex_value(text.data[1]);
        int low = text.length < 3 ? -1 : hex_value(text.data[2]);
        if (high == -1 || low == -1 || high + low == 0)
            return false;
        buffer_add_char(out, (char)(high * 16 + low));
        text = slice_skip(text, 3);
    }
    return true;
}

/* --- queries ---------------------------------------------------------------------------------- */

bool url_query_get(struct slice query, const char *name, struct slice *value)
{
    unsigned found = 0;

    while (query.length > 0) {
        struct slice pair = slice_head(query, slice_find(query, '&'));
        size_t equals = slice_find(pair, '=');
        if (slice_is(slice_head(pair, equals), name)) {
            *value = slice_skip(pair, equals + 1);
            found++;
        }
        query = slice_skip(query, pair.length + 1);
    }
    return found == 1;
}
