/* store - brings a callback to safety: to Redis, or else to the spool, or it is held until one of
 * the two takes it, for 2 s at most.
 *   store_put -> place -> push  -> on_pushed  -> fn
 *                      -> spool -> on_spooled -> fn
 *                      -> hold  -> on_again -> place ...
 * The spool is next at once when Redis is known to be away or to refuse; when the connection is
 * lost during a push; and when older callbacks of the spool are not on their way yet. So callbacks
 * that this process took reach Redis in the order of their arrival, except those that had to be
 * held, and those that Redis refuses in between. */
#ifndef REELQ_STORE_H
#define REELQ_STORE_H

#include "webhook/replay.h"

struct store;

struct store_options {
    struct loop *loop;
    struct pusher *pusher;
    struct spool *spool;   /* NULL: none */
    struct replay *replay; /* of the spool; NULL like it */
};

enum store_place { STORE_REDIS, STORE_SPOOL, STORE_NOWHERE };

/* Options are copied. */
struct store *store_new(const struct store_options *options);

/* After the Redis connection and before the spool: what is held gets its fn. NULL is allowed. */
void store_free(struct store *store);

/* The envelope is borrowed until fn(where it is, arg) runs, once and later. */
void store_put(struct store *store, struct slice envelope,
               void (*fn)(enum store_place place, void *arg), void *arg);

/* Redis is up: what is held is pushed at once. */
void store_on_up(struct store *store);

#endif
