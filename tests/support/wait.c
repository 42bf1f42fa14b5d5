/* wait - single turns of the loop, with a timer that keeps them coming. */
#include "support/wait.h"

#include <event2/event.h>

#include "base/clock.h"

enum { TICK_MS = 5 };

static void on_tick(void *arg)
{
    loop_timer_start(arg, TICK_MS);
}

bool wait_until(struct loop *loop, bool (*condition)(void *arg), void *arg, int64_t ms)
{
    int64_t end = clock_monotonic_ms() + ms;
    struct loop_timer tick;
    bool met = condition(arg);

    loop_timer_init(&tick, loop, on_tick, &tick);
    loop_timer_start(&tick, 0);
    while (!met && clock_monotonic_ms() < end) {
        event_base_loop(loop_base(loop), EVLOOP_ONCE);
        met = condition(arg);
    }
    loop_timer_clear(&tick);
    return met;
}

static bool is_set(void *arg)
{
    const bool *const *flag = arg;

    return **flag;
}

bool wait_for_flag(struct loop *loop, const bool *flag, int64_t ms)
{
    return wait_until(loop, is_set, &flag, ms);
}

struct goal {
    const unsigned *counter;
    unsigned count;
};

static bool is_reached(void *arg)
{
    const struct goal *goal = arg;

    return *goal->counter >= goal->count;
}

bool wait_for_count(struct loop *loop, const unsigned *counter, unsigned count, int64_t ms)
{
    struct goal goal = {counter, count};

    return wait_until(loop, is_reached, &goal, ms);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void wait_ms(struct loop *loop, int64_t ms)
{
    wait_until(loop, never, NULL, ms);
}
