/* callback_secret - the secret of the callback URLs where none is configured: the first process
 * that asks makes one and keeps it in Redis at PREFIXcallback-secret, everybody else takes that. */
#ifndef REELQ_CALLBACK_SECRET_H
#define REELQ_CALLBACK_SECRET_H

#include "net/redis.h"

/* `secret`: 64 hex digits (or what an operator has put there), NUL-terminated, valid during the
 * call. NULL: Redis is away or refused; ask again later. */
typedef void (*callback_secret_fn)(const char *secret, void *arg);

/* fn runs exactly once, later. It does no harm to ask again: a Redis that has lost the secret gets
 * a new one, so who holds an old one should ask from time to time, and keep both. */
void callback_secret_agree(struct redis *redis, const char *prefix, callback_secret_fn fn,
                           void *arg);

#endif
