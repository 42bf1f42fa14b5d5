/* schedule - which fault strikes whom and when, decided before anything runs. Pure: a function of
 * the seed, the time and the number of processes. */
#ifndef REELQ_CHAOS_SCHEDULE_H
#define REELQ_CHAOS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Name and what it is called in the schedule and the table. */
#define SCHEDULE_ACTIONS(X)                                                                        \
    X(WORKER_KILL, "worker SIGKILL")                                                               \
    X(WORKER_START, "worker start")                                                                \
    X(WORKER_STOP, "worker SIGSTOP")                                                               \
    X(WORKER_CONTINUE, "worker SIGCONT")                                                           \
    X(WORKER_END, "worker SIGTERM, replaced")                                                      \
    X(WEBHOOK_KILL, "webhook SIGKILL")                                                             \
    X(WEBHOOK_START, "webhook start")                                                              \
    X(WEBHOOK_STOP, "webhook SIGSTOP")                                                             \
    X(WEBHOOK_CONTINUE, "webhook SIGCONT")                                                         \
    X(WEBHOOK_END, "webhook SIGTERM, replaced")                                                    \
    X(REDIS_KILL, "redis SIGKILL")                                                                 \
    X(REDIS_START, "redis start")                                                                  \
    X(REDIS_STOP, "redis SIGSTOP")                                                                 \
    X(REDIS_CONTINUE, "redis SIGCONT")                                                             \
    X(REDIS_PAUSE, "redis CLIENT PAUSE")                                                           \
    X(REDIS_CUT, "redis CLIENT KILL TYPE normal")                                                  \
    X(REDIS_FORGET, "redis SCRIPT FLUSH")                                                          \
    X(WEATHER, "api weather")

enum schedule_action {
#define X(name, text) SCHEDULE_##name,
    SCHEDULE_ACTIONS(X)
#undef X
        SCHEDULE_ACTION_COUNT
};

struct schedule_step {
    int64_t at_ms; /* after the start */
    enum schedule_action action;
    unsigned target; /* worker or webhook from 0; number of the weather */
    int64_t span_ms; /* how long it lasts, where that is decided here; else 0 */
};

struct schedule {
    struct schedule_step *steps; /* in the order of time */
    size_t count;
};

struct schedule_options {
    uint64_t seed;
    int64_t length_ms;
    unsigned workers, webhooks; /* at least 1 each */
    int64_t lease_ms;           /* some pauses are longer, some shorter */
};

/* Every fault that begins also ends before length_ms: afterwards all processes run, and the weather
 * is calm. Clear it. */
struct schedule schedule_make(const struct schedule_options *options);
void schedule_clear(struct schedule *schedule);

const char *schedule_action_text(enum schedule_action action);

/* Appends one line per step. */
void schedule_add_text(struct buffer *out, const struct schedule *schedule);

#endif
