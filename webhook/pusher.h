/* pusher - puts envelopes into the list of callbacks in Redis. An error reply leaves the connection
 * up, and is said once per series of them. */
#ifndef REELQ_PUSHER_H
#define REELQ_PUSHER_H

#include "base/slice.h"
#include "net/redis.h"

struct pusher;

/* `key` is that of the list. Both are borrowed. */
struct pusher *pusher_new(struct redis *redis, const char *key);

/* After the Redis connection. NULL is allowed. */
void pusher_free(struct pusher *pusher);

enum { PUSHER_MAX = 64 };

/* At most PUSHER_MAX envelopes, the oldest first; borrowed for the call. */
struct push_list {
    const struct slice *items;
    int count;
};

/* Pushes all or none of them; fn(stored, arg) runs once, later. When the connection is lost before
 * the reply nobody knows whether they were stored, and it runs with false: storing a callback twice
 * does no harm. */
void pusher_push(struct pusher *pusher, struct push_list list, void (*fn)(bool stored, void *arg),
                 void *arg);

/* Redis is there; and the last thing it said to a push was no error. */
bool pusher_is_up(const struct pusher *pusher);
bool pusher_is_refused(const struct pusher *pusher);

#endif
