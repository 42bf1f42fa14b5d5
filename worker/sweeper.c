/* timer -> queue_due -> on_due -> promote ...; lapsed: queue_read -> on_lapsed -> settle_recovered
 */
#include "worker/sweeper.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "worker/settle.h"

/* Other workers' timers are unknown to this one: it looks at least so often, and several times per
 * lease, by which due.lua tells that Redis stood still. */
enum { IDLE_MS = 1000, LOOKS_PER_LEASE = 5, LATER_MS = 50 };

struct sweeper {
    struct context *context;
    struct loop_timer timer;
    int64_t wake_at_ms;
    bool stopped, looking;
};

static void on_timer(void *arg);

static int64_t idle_ms(const struct sweeper *sweeper)
{
    int64_t share = sweeper->context->queue.lease_ms / LOOKS_PER_LEASE;
    return share < IDLE_MS ? share : IDLE_MS;
}

struct sweeper *sweeper_new(struct context *context)
{
    struct sweeper *sweeper = xcalloc(1, sizeof(*sweeper));
    sweeper->context = context;
    loop_timer_init(&sweeper->timer, context->loop, on_timer, sweeper);
    return sweeper;
}

void sweeper_free(struct sweeper *sweeper)
{
    if (sweeper == NULL)
        return;
    loop_timer_clear(&sweeper->timer);
    free(sweeper);
}

void sweeper_stop(struct sweeper *sweeper)
{
    sweeper->stopped = true;
    loop_timer_stop(&sweeper->timer);
}

void sweeper_hint(struct sweeper *sweeper, int64_t ms)
{
    int64_t at = clock_monotonic_ms() + ms;

    if (sweeper->stopped)
        return;
    if (loop_timer_pending(&sweeper->timer) && sweeper->wake_at_ms <= at)
        return;
    sweeper->wake_at_ms = at;
    loop_timer_start(&sweeper->timer, ms);
}

/* The record may have moved since: the script looks at the lease again. */
static void on_lapsed(struct record *record, void *arg)
{
    struct context *context = arg;

    if (record == NULL)
        return;
    if (!record_is(record, RECORD_state, "running")) {
        queue_forget_running(&context->queue, record->id);
        record_free(record);
        return;
    }
    log_warn("lease-lapsed", "id=%s attempt=%s", record->id, record_text(record, RECORD_attempt));
    struct settle *settle = settle_new(context, record, NULL, NULL);
    settle_lapsed(settle);
    settle_recovered(settle);
}

/* When more is due than one look shows, who moved some of it goes on at once, and who came too late
 * leaves it to that worker for a while. Nobody is woken by a question, so this one looks there. */
static void on_promoted(int64_t went, void *arg)
{
    struct sweeper *sweeper = arg;

    if (went == 0)
        return;
    sweeper_hint(sweeper, 0);
    sweeper->context->on_slot(sweeper->context);
}

static bool is_full(const struct queue_due *due)
{
    return due->delayed_count == QUEUE_MAX_ITEMS || due->awaiting_count == QUEUE_MAX_ITEMS;
}

static void on_due(const struct queue_due *due, void *arg)
{
    struct sweeper *sweeper = arg;
    struct queue *queue = &sweeper->context->queue;

    sweeper->looking = false;
    if (due == NULL) {
        sweeper_hint(sweeper, idle_ms(sweeper));
        return;
    }
    if (due->delayed_count > 0)
        queue_promote_delayed(queue, &(struct queue_promotion){due->delayed, due->delayed_count,
                                                               on_promoted, sweeper});
    if (due->awaiting_count > 0)
        queue_promote_awaiting(queue, &(struct queue_promotion){due->awaiting, due->awaiting_count,
                                                                on_promoted, sweeper});
    for (size_t i = 0; i < due->lapsed_count; i++)
        queue_read(queue, due->lapsed[i], on_lapsed, sweeper->context);
    bool soon = due->next_ms >= 0 && due->next_ms < idle_ms(sweeper);
    int64_t pause = soon ? due->next_ms + 1 : idle_ms(sweeper);
    if (is_full(due) && pause < LATER_MS)
        pause = LATER_MS + (int64_t)((double)LATER_MS * clock_random_unit());
    sweeper_hint(sweeper, pause);
}

static void on_timer(void *arg)
{
    struct sweeper *sweeper = arg;

    if (sweeper->looking)
        return;
    if (!redis_is_up(sweeper->context->redis)) {
        sweeper_hint(sweeper, idle_ms(sweeper));
        return;
    }
    sweeper->looking = true;
    queue_due(&sweeper->context->queue, on_due, sweeper);
}
