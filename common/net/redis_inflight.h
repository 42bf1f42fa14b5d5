/* redis_inflight - the commands of a connection whose callback has not run yet, oldest first. */
#ifndef REELQ_REDIS_INFLIGHT_H
#define REELQ_REDIS_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metrics.h"
#include "net/redis.h"

enum { REDIS_INFLIGHT_WORD = 16 };

struct redis_inflight_entry {
    redis_reply_fn fn; /* may be NULL */
    void *arg;
    int64_t deadline_ms;               /* by clock_monotonic_ms() */
    int64_t pushed_us;                 /* where it is measured */
    char command[REDIS_INFLIGHT_WORD]; /* of redis_inflight_name() */
    bool internal;                     /* the connection's own: greeting, idle ping */
};

/* A ring in an array that grows by doubling; all zero is an empty one. */
struct redis_inflight {
    struct redis_inflight_entry *entries;
    size_t first;
    size_t count;
    size_t capacity;              /* 0 or a power of two */
    size_t internal;              /* how many of `count` are the connection's own */
    struct histogram *round_trip; /* gets the seconds from push to answer; NULL: not measured */
};

/* Frees the memory; it must be empty. */
void redis_inflight_clear(struct redis_inflight *inflight);

/* Keeps the command's first word, cut to fit, for who asks what the reply is to. */
void redis_inflight_name(struct redis_inflight_entry *entry, const struct redis_command *command);

void redis_inflight_push(struct redis_inflight *inflight, const struct redis_inflight_entry *entry);

/* The oldest entry, or NULL; valid until anything changes. */
const struct redis_inflight_entry *redis_inflight_oldest(const struct redis_inflight *inflight);

/* Takes the oldest entry out and calls it with `reply`. There must be one. */
void redis_inflight_answer(struct redis_inflight *inflight, const struct redisReply *reply);

/* Gives NULL to the entries that are there now; the callbacks may push and fail others. The memory
 * must outlive the call. */
void redis_inflight_fail(struct redis_inflight *inflight);

#endif
