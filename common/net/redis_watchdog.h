/* redis_watchdog - notices that the oldest command in flight has been without a reply for too long.
 */
#ifndef REELQ_REDIS_WATCHDOG_H
#define REELQ_REDIS_WATCHDOG_H

#include "net/loop.h"
#include "net/redis_inflight.h"

struct redis_watchdog {
    struct loop_timer timer;
    const struct redis_inflight *inflight;
    int64_t due_ms;
    loop_fn on_overdue;
    void *arg;
};

/* on_overdue(arg) runs from the loop when the oldest entry's deadline has passed. Set `inflight`,
 * on_overdue and arg before. */
void redis_watchdog_init(struct redis_watchdog *watchdog, struct loop *loop);
void redis_watchdog_clear(struct redis_watchdog *watchdog);

/* To be called when an entry was pushed. */
void redis_watchdog_start(struct redis_watchdog *watchdog, int64_t deadline_ms);
void redis_watchdog_stop(struct redis_watchdog *watchdog);

#endif
