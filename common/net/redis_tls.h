/* redis_tls - TLS to Redis: who is trusted, what we show, and the handshake of one connection.
 * hiredis_ssl by itself does not look whether a certificate is for the host that was asked for, so
 * the sessions are made here. Where hiredis has no TLS (before 1.0) everything says so. */
#ifndef REELQ_REDIS_TLS_H
#define REELQ_REDIS_TLS_H

#include "base/error.h"

struct redisContext;
struct ssl_st; /* SSL */
struct redis_tls;

/* Paths of PEM files; "" where not given. */
struct redis_tls_files {
    const char *ca;          /* who may vouch for the server; "": whom the system trusts */
    const char *certificate; /* of this client, with its chain; with `key` or not at all */
    const char *key;
};

bool redis_tls_possible(void);

/* Reads the files. NULL and an error that begins with the name of the variable, then path and
 * reason. */
struct redis_tls *redis_tls_new(const struct redis_tls_files *files, struct error *error);
void redis_tls_free(struct redis_tls *tls); /* NULL is allowed */

/* Begins the handshake on a connection that is established, for a certificate of `host`, a name or
 * an address. The session is the connection's and ends with it. NULL and an error when that fails
 * at once. */
struct ssl_st *redis_tls_start(const struct redis_tls *tls, struct redisContext *context,
                               const char *host, struct error *error);

enum redis_tls_step { REDIS_TLS_DONE, REDIS_TLS_READ, REDIS_TLS_WRITE, REDIS_TLS_FAILED };

/* Goes on with it without blocking: done, or what to wait for; FAILED with the reason. */
enum redis_tls_step redis_tls_step(struct ssl_st *session, struct error *error);

/* Before hiredis reads or writes: what others left in OpenSSL's error queue is not this
 * connection's. After it failed: what OpenSSL says, or the alert that the peer sent and nobody has
 * read yet; NULL when there is neither. */
void redis_tls_forget(void);
const char *redis_tls_reason(struct ssl_st *session);

#endif
