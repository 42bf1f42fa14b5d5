/* secret - the keys that callbacks are checked by: configured, or agreed on in Redis. */
#ifndef REELQ_SECRET_H
#define REELQ_SECRET_H

#include "base/signature.h"
#include "net/redis.h"

struct secret;

struct secret_options {
    struct loop *loop;
    struct redis *redis;
    const char *prefix;     /* of the key in Redis; borrowed */
    const char *configured; /* comma list; "": agree in Redis */
};

/* NULL and an error when the configured list is not one. Options are copied. */
struct secret *secret_new(const struct secret_options *options, struct error *error);

/* After the Redis connection, which still holds its callbacks. NULL is allowed. */
void secret_free(struct secret *secret);

/* Redis is up: asks for the secret, unless one is configured, and again every now and then. */
void secret_on_up(struct secret *secret);

/* The same address for the secret's life; a count of 0 until there is a key. */
const struct signature_keys *secret_keys(const struct secret *secret);

#endif
