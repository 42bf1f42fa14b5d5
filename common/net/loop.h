/* loop - the event loop of a process: one libevent base, one-shot timers, signals. */
#ifndef REELQ_LOOP_H
#define REELQ_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event;
struct event_base;
struct loop;

typedef void (*loop_fn)(void *arg);

/* Ignores SIGPIPE and sends libevent's messages to the log. Dies when the kernel has no epoll. */
struct loop *loop_new(void);

/* Everything that lives on the loop must be gone before. */
void loop_free(struct loop *loop);

/* For code that hands the base to a library. */
struct event_base *loop_base(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls fn(arg) at the first SIGTERM or SIGINT; a second one ends the process at once, status 1. */
void loop_on_terminate(struct loop *loop, loop_fn fn, void *arg);

/* A one-shot timer, embedded in its owner. Callbacks run from the loop, never from the call. */
struct loop_timer {
    struct event *event;
    loop_fn fn;
    void *arg;
};

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_fn fn, void *arg);

/* (Re)arms the timer: fn runs once, `ms` from now (negative counts as 0). */
void loop_timer_start(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_pending(const struct loop_timer *timer);

/* Stops it and frees what it holds. A zeroed timer may be cleared. */
void loop_timer_clear(struct loop_timer *timer);

#endif
