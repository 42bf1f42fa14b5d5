/* redis_watchdog - one timer for all commands.
 * It is not moved at every reply: it goes off at a deadline that was once the oldest one, looks,
 * and is set anew. */
#include "net/redis_watchdog.h"

#include "base/clock.h"

enum { LATE_MS = 100 };

static void arm(struct redis_watchdog *watchdog, int64_t due_ms, int64_t now_ms)
{
    watchdog->due_ms = due_ms;
    loop_timer_start(&watchdog->timer, due_ms - now_ms);
}

static void on_timer(void *arg)
{
    struct redis_watchdog *watchdog = arg;
    const struct redis_inflight_entry *oldest = redis_inflight_oldest(watchdog->inflight);
    int64_t now = clock_monotonic_ms();

    if (oldest == NULL) {
        return;
    }
    if (now < oldest->deadline_ms) {
        arm(watchdog, oldest->deadline_ms, now);
    } else if (now - watchdog->due_ms > LATE_MS) {
        /* This process was held up: the reply may lie in the socket, so that is read first. */
        arm(watchdog, now + LATE_MS, now);
    } else {
        watchdog->on_overdue(watchdog->arg);
    }
}

void redis_watchdog_init(struct redis_watchdog *watchdog, struct loop *loop)
{
    loop_timer_init(&watchdog->timer, loop, on_timer, watchdog);
}

void redis_watchdog_clear(struct redis_watchdog *watchdog)
{
    loop_timer_clear(&watchdog->timer);
}

void redis_watchdog_start(struct redis_watchdog *watchdog, int64_t deadline_ms)
{
    if (!loop_timer_pending(&watchdog->timer) || watchdog->due_ms > deadline_ms) {
        arm(watchdog, deadline_ms, clock_monotonic_ms());
    }
}

void redis_watchdog_stop(struct redis_watchdog *watchdog)
{
    loop_timer_stop(&watchdog->timer);
}
