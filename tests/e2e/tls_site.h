/* tls_site - a Redis with a TLS port, and certificates of a CA of the test's own, made by openssl.
 */
#ifndef REELQ_E2E_TLS_SITE_H
#define REELQ_E2E_TLS_SITE_H

#include "support/redis_server.h"

enum { TLS_SITE_OPTIONS = 12 };

struct tls_site {
    char *directory; /* of NAME.pem and NAME.key */
    unsigned port;
    const char *options[TLS_SITE_OPTIONS + 1]; /* for redis_server_start_with() */
    char *texts[TLS_SITE_OPTIONS];
};

/* Makes the files: ca and other (CAs), client, mismatched (another key), and of servers: name
 * (localhost), address (127.0.0.1), elsewhere, expired. */
void tls_site_make(struct tls_site *site);
void tls_site_clear(struct tls_site *site);

/* Sets `options` for a server with this certificate on a free port of 127.0.0.1. `clients`: those
 * of its clients are required. */
void tls_site_serve(struct tls_site *site, const char *certificate, bool clients);

/* "VARIABLE=directory/file" and "REELQ_REDIS_URL=SCHEME://HOST:port"; the caller frees it. */
char *tls_site_file(const struct tls_site *site, const char *variable, const char *file);
char *tls_site_url(const struct tls_site *site, const char *scheme, const char *host);

#endif
