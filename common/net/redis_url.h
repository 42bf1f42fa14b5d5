/* redis_url - where Redis is: redis://[user:password@]host[:port][/db], unix:///path[?db=N] or
 * unix://user:password@/path, and rediss://, which this build may or may not be able to speak. */
#ifndef REELQ_REDIS_URL_H
#define REELQ_REDIS_URL_H

#include "base/config.h"
#include "base/error.h"
#include "base/slice.h"
#include "net/redis_tls.h"

/* NUL-terminated copies; "" where not given. */
struct redis_url {
    char *host; /* "" for a unix socket */
    char *path; /* "" for TCP */
    char *user;
    char *password;
    char *display; /* what may be logged: without user and password */
    int port;
    int db;
    bool secure;           /* rediss:// */
    struct redis_tls *tls; /* of redis_url_load() */
};

/* User and password may be percent-coded. The error never quotes the password. rediss:// is an
 * error that says so where hiredis has no TLS. After false nothing needs clearing. */
MUST_USE bool redis_url_parse(struct redis_url *url, struct slice text, struct error *error);

/* REELQ_REDIS_URL, and for rediss:// the files of REELQ_REDIS_CA, _CERT and _KEY, which must not be
 * set for another URL. The error begins with the name of the variable. */
MUST_USE bool redis_url_load(struct redis_url *url, const struct config *config,
                             struct error *error);

/* The same for REELQ_ADMIN_REDIS_URL, and for REELQ_REDIS_URL where that is not set. */
MUST_USE bool redis_url_load_admin(struct redis_url *url, const struct config *config,
                                   struct error *error);

void redis_url_clear(struct redis_url *url);

#endif
