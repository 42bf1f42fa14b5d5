/* url - checks of http(s) URLs, percent-coding, query strings. No resolving, no I/O. */
#ifndef REELQ_URL_H
#define REELQ_URL_H

#include "base/buffer.h"
#include "base/error.h"

/* Parts of an absolute http or https URL; slices into the parsed text. */
struct url {
    struct slice scheme; /* "http" or "https" as written, any case */
    struct slice host;   /* without brackets for IPv6 */
    struct slice port;   /* empty when not given */
    struct slice origin; /* scheme://host:port as written; empty when the URL has user info */
    struct slice target; /* path and query, without the fragment; empty when not given */
};

/* An absolute URL with http or https, a host, an optional port 1..65535, at most `maximum` bytes,
 * visible ASCII or bytes >= 0x80 only (no spaces, controls, double quotes, '<', '>', '\'). The
 * error says what is wrong, without a name before it ("must start with http:// or https://"), and
 * quotes nothing of the URL. */
MUST_USE bool url_parse(struct slice text, size_t maximum, struct url *url, struct error *error);

/* Same scheme, host (both any case) and effective port. */
bool url_same_origin(const struct url *a, const struct url *b);

/* Appends `text` with everything but RFC 3986 unreserved characters as %XX (upper-case hex). */
void url_add_encoded(struct buffer *out, struct slice text);

/* Appends `text` with %XX decoded; '+' stays. False on a broken escape or a decoded NUL; a part may
 * have been appended then. */
bool url_add_decoded(struct buffer *out, struct slice text);

/* The still encoded value of the parameter `name` in `query` ("a=1&b=2"). False when missing, or
 * given more than once. */
bool url_query_get(struct slice query, const char *name, struct slice *value);

#endif
