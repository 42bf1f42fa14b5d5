/* timer -> presence_renew, QUEUE_MAX_ITEMS runs a call -> on_lost ... -> on_renewed */
#include "worker/lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "queue/presence.h"
#include "worker/memory.h"
#include "worker/run.h"

struct lease {
    struct context *context;
    struct loop_timer timer;
};

/* One call of the script: the runs it speaks for, by token. */
struct renewal {
    struct lease *lease;
    char *tokens[QUEUE_MAX_ITEMS];
    size_t count;
};

static void on_timer(void *arg);

struct lease *lease_new(struct context *context)
{
    struct lease *lease = xcalloc(1, sizeof(*lease));
    lease->context = context;
    loop_timer_init(&lease->timer, context->loop, on_timer, lease);
    return lease;
}

void lease_free(struct lease *lease)
{
    if (lease == NULL)
        return;
    loop_timer_clear(&lease->timer);
    free(lease);
}

static bool speaks_for(const struct renewal *renewal, const struct run *run)
{
    for (size_t i = 0; i < renewal->count; i++)
        if (strcmp(renewal->tokens[i], run_token(run)) == 0)
            return true;
    return false;
}

static void drop_lost(const struct renewal *renewal, const char *id)
{
    struct run *next;

    for (struct run *run = TAILQ_FIRST(&renewal->lease->context->runs); run != NULL; run = next) {
        next = run_next(run);
        if (strcmp(run_id(run), id) == 0 && speaks_for(renewal, run))
            run_drop(run, "lease-lost");
    }
}

static void on_renewed(const char *lost_id, bool renewed, void *arg)
{
    struct renewal *renewal = arg;

    (void)renewed;
    if (lost_id != NULL) {
        drop_lost(renewal, lost_id);
        return;
    }
    for (size_t i = 0; i < renewal->count; i++)
        free(renewal->tokens[i]);
    free(renewal);
}

/* Renews the runs from `run` on, as many as one call takes; returns the first that was left out. */
static struct run *renew_some(struct lease *lease, struct run *run)
{
    struct context *context = lease->context;
    struct renewal *renewal = xcalloc(1, sizeof(*renewal));
    struct presence_lease leases[QUEUE_MAX_ITEMS];
    struct presence presence = {.worker = context->name,
                                .started_at_ms = context->started_at_ms,
                                .runs = context->run_count,
                                .concurrency = context->config->concurrency,
                                .memory_bytes = memory_resident(),
                                .ready = (int64_t)context->ready.value,
                                .failed = (int64_t)context->failed.value,
                                .api = context->api_trouble.text,
                                .leases = leases};

    renewal->lease = lease;
    for (; run != NULL && presence.count < QUEUE_MAX_ITEMS; run = run_next(run)) {
        leases[presence.count++] = (struct presence_lease){run_id(run), run_token(run)};
        renewal->tokens[renewal->count++] = xstrdup(run_token(run));
    }
    presence_renew(&context->queue, &presence, on_renewed, renewal);
    return run;
}

void lease_start(struct lease *lease)
{
    loop_timer_start(&lease->timer, 0);
}

static void on_timer(void *arg)
{
    struct lease *lease = arg;
    struct run *run = TAILQ_FIRST(&lease->context->runs);

    loop_timer_start(&lease->timer, lease->context->queue.lease_ms / 3);
    if (!redis_is_up(lease->context->redis))
        return;
    do
        run = renew_some(lease, run);
    while (run != NULL);
}
