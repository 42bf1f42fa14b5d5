/* callback_secret - the keys that sign callback URLs: configured, or, when none are, one random one
 * that the processes of a deployment agree on in Redis. A list that somebody writes there is taken
 * over within half a minute. */
#ifndef REELQ_CALLBACK_SECRET_H
#define REELQ_CALLBACK_SECRET_H

#include "base/signature.h"
#include "net/redis.h"

struct callback_secret;

struct callback_secret_options {
    struct loop *loop;
    struct redis *redis;
    const char *key;        /* in Redis; borrowed */
    const char *configured; /* comma list; "": agree in Redis */
    loop_fn on_known;       /* may be NULL; once, when there is a key that was not configured */
    void *arg;
};

/* NULL and an error when the configured list is not one. Options are copied. */
struct callback_secret *callback_secret_new(const struct callback_secret_options *options,
                                            struct error *error);

/* After the Redis connection, which still holds its callbacks. NULL is allowed. */
void callback_secret_free(struct callback_secret *secret);

/* Redis is up: asks for the secret, unless one is configured, and again every now and then. */
void callback_secret_on_up(struct callback_secret *secret);

/* The same address for the secret's life; a count of 0 until there is a key. The first one signs.
 */
const struct signature_keys *callback_secret_keys(const struct callback_secret *secret);

#endif
