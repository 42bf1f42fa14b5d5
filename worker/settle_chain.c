/* settle_chain -> transition_chain -> on_chained -> run_start; settle_on_applied
 * The first index takes the upload's place: it starts in this worker, if that has a free slot, or
 * will have one before it would be its turn in the queue. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "worker/run.h"
#include "worker/settle_op.h"

static unsigned slots_used(const struct context *context)
{
    return context->run_count + context->reserved;
}

/* Anything else than plain calling goes by the queue: what is to stop, what is to be probed. As
 * many as there are slots may wait for one, in the client; what a claim under way brings, too. */
static bool may_start(const struct settle *settle)
{
    const struct context *context = settle->context;
    return settle->seq.length > 0 && !context->draining &&
           context->breaker.state == BREAKER_CLOSED &&
           slots_used(context) + context->claiming < 2 * (unsigned)context->config->concurrency;
}

static void reserve_slot(struct settle *settle, struct transition_chain *chain)
{
    const struct context *context = settle->context;

    chain->seq = settle->seq;
    chain->full = slots_used(context) >= (unsigned)context->config->concurrency;
    settle->starting = true;
    settle->lease_until_ms = clock_monotonic_ms() + settle->context->queue.lease_ms;
    settle->context->reserved++;
}

static void release_slot(struct context *context)
{
    context->reserved--;
    context->on_slot(context);
}

static void on_chained(enum transition_result result, struct record *first, void *arg)
{
    struct settle *settle = arg;
    struct context *context = settle->context;

    if (first != NULL) {
        context->reserved--;
        run_start(context, first, (struct run_times){settle->lease_until_ms, settle->told_at_ms});
    } else if (settle->starting) {
        release_slot(context);
    }
    settle_on_applied(result, &(struct transition_news){0}, settle);
}

static struct transition_child *make_children(const struct settle *settle, const struct task *task)
{
    struct transition_child *children = xcalloc(task->index_count, sizeof(*children));

    for (size_t i = 0; i < task->index_count; i++) {
        struct buffer request = BUFFER(ITEM_MAX_WRITTEN);
        task_add_child_request(&request, task, i, settle->video_id);
        children[i].id = xasprintf("%s/%s", settle->record->id, task->indexes[i].label);
        children[i].label = task->indexes[i].label;
        children[i].request = buffer_take(&request);
    }
    return children;
}

static void free_children(struct transition_child *children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(children[i].id);
        free(children[i].request);
    }
    free(children);
}

void settle_chain(struct settle *settle, const struct task *task, bool found)
{
    struct transition_child *children = make_children(settle, task);
    struct transition_chain chain = {.lapsed = settle->lapsed,
                                     .found = found,
                                     .video_id = settle->video_id,
                                     .detail = settle->media,
                                     .count = task->index_count,
                                     .children = children};

    settle_keep_media(settle, &chain.fields);
    settle->event = "uploaded";
    if (may_start(settle))
        reserve_slot(settle, &chain);
    transition_chain(&settle->context->queue, settle->record, &chain,
                     (struct transition_chain_end){on_chained, settle});
    free_children(children, task->index_count);
}
