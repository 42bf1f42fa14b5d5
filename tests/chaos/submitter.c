/* submitter_tick -> take_due -> [queue] -> send -> take_replies -> (lost: the queue keeps them) */
#include "chaos/submitter.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "chaos/connection.h"

enum {
    PORTION = 32,
    PORTION_EVERY_MS = 200,
    AGAIN_LEAST_MS = 50,
    AGAIN_STEP_MS = 7,
    AGAIN_STEPS = 300
};
enum { MAX_ITEM = 1 << 20 };

/* One LPUSH: of a task, or of a batch with all of its members. */
struct push {
    unsigned first, count;
    char *item;      /* NULL: its video is not known yet */
    char *video_id;  /* of an index task */
    int64_t from_ms; /* not sent before this time */
    bool sent;
};

struct submitter {
    const struct plan *plan;
    struct ledger *ledger;
    struct connection connection;
    struct push *queue;
    size_t length, capacity;
    unsigned next; /* task of the plan */
    char *video_id;
    int64_t now_ms, sent_ms;
};

struct submitter *submitter_new(const struct plan *plan, struct ledger *ledger, const char *path)
{
    struct submitter *submitter = xcalloc(1, sizeof(*submitter));

    submitter->plan = plan;
    submitter->ledger = ledger;
    submitter->connection.path = path;
    return submitter;
}

static void push_clear(struct push *push)
{
    free(push->item);
    free(push->video_id);
}

void submitter_free(struct submitter *submitter)
{
    if (submitter == NULL)
        return;
    for (size_t i = 0; i < submitter->length; i++)
        push_clear(&submitter->queue[i]);
    connection_drop(&submitter->connection);
    free(submitter->queue);
    free(submitter->video_id);
    free(submitter);
}

/* --- what is to be pushed --------------------------------------------------------------------- */

static void add(struct submitter *submitter, const struct push *push)
{
    if (submitter->length == submitter->capacity) {
        submitter->capacity = submitter->capacity > 0 ? 2 * submitter->capacity : 64;
        submitter->queue =
            xrealloc(submitter->queue, submitter->capacity, sizeof(*submitter->queue));
    }
    submitter->queue[submitter->length++] = *push;
}

static char *make_item(const struct submitter *submitter, const struct push *push)
{
    const struct plan_task *task = &submitter->plan->tasks[push->first];
    struct buffer item = BUFFER(MAX_ITEM);

    if (task->kind == PLAN_INDEX && push->video_id == NULL)
        return NULL;
    if (task->batch != PLAN_NO_BATCH && submitter->plan->batches[task->batch].one_item)
        plan_add_batch_item(&item, submitter->plan, (unsigned)task->batch);
    else
        plan_add_item(&item, submitter->plan, push->first, push->video_id);
    return buffer_take(&item);
}

static void take_due(struct submitter *submitter)
{
    const struct plan *plan = submitter->plan;

    while (submitter->next < plan->task_count &&
           plan->tasks[submitter->next].at_ms <= submitter->now_ms) {
        const struct plan_task *task = &plan->tasks[submitter->next];
        struct push push = {.first = submitter->next, .count = 1};
        if (task->batch != PLAN_NO_BATCH && plan->batches[task->batch].one_item)
            push.count = plan->batches[task->batch].count;
        push.item = make_item(submitter, &push);
        add(submitter, &push);
        submitter->next += push.count;
    }
}

void submitter_offer_video(struct submitter *submitter, const char *video_id)
{
    free(submitter->video_id);
    submitter->video_id = xstrdup(video_id);
}

/* Index tasks take the video that was offered last. */
static void give_video(struct submitter *submitter, struct push *push)
{
    if (push->item != NULL || submitter->video_id == NULL)
        return;
    push->video_id = xstrdup(submitter->video_id);
    push->item = make_item(submitter, push);
}

void submitter_run_again(struct submitter *submitter, unsigned task)
{
    struct push push = {.first = task, .count = 1};

    push.item = xasprintf("task-%06u", task);
    add(submitter, &push);
}

/* --- pushing ---------------------------------------------------------------------------------- */

static void note(struct submitter *submitter, const struct push *push, const char *word)
{
    char *copy = xstrdup(word);
    struct ledger_line line = {
        .at_ms = clock_wall_ms(), .source = LEDGER_PUSHED, .word = copy, .text = push->video_id};

    for (unsigned i = 0; i < push->count; i++) {
        char *id = xasprintf("task-%06u", push->first + i);
        ledger_add(submitter->ledger, slice_text(id), &line);
        free(id);
    }
    free(copy);
}

/* The replies to what was sent will not come. */
static void lose(struct submitter *submitter)
{
    for (size_t i = 0; i < submitter->length; i++) {
        if (submitter->queue[i].sent)
            note(submitter, &submitter->queue[i], "unanswered");
        submitter->queue[i].sent = false;
    }
}

static void send(struct submitter *submitter)
{
    unsigned sent = 0;

    if (!connection_open(&submitter->connection))
        return;
    submitter->sent_ms = submitter->now_ms;
    for (size_t i = 0; i < submitter->length && sent < PORTION; i++) {
        struct push *push = &submitter->queue[i];
        give_video(submitter, push);
        if (push->item == NULL || push->from_ms > submitter->now_ms)
            continue;
        connection_send(&submitter->connection, "LPUSH reelq:tasks %s", push->item);
        push->sent = true;
        sent++;
    }
}

/* Some are pushed again a little later: reelq runs them once. */
static void answered(struct submitter *submitter, size_t at)
{
    struct push push = submitter->queue[at];
    const struct plan_task *task = &submitter->plan->tasks[push.first];
    bool first_time = push.from_ms == 0 && push.item[0] == '{';

    note(submitter, &push, "acknowledged");
    submitter->length--;
    memmove(&submitter->queue[at], &submitter->queue[at + 1],
            (submitter->length - at) * sizeof(push));
    if (!task->twice || !first_time) {
        push_clear(&push);
        return;
    }
    push.sent = false;
    push.from_ms =
        submitter->now_ms + AGAIN_LEAST_MS + AGAIN_STEP_MS * (int64_t)(push.first % AGAIN_STEPS);
    add(submitter, &push);
}

static size_t first_sent(const struct submitter *submitter)
{
    size_t i = 0;

    while (i < submitter->length && !submitter->queue[i].sent)
        i++;
    return i;
}

/* Replies come in the order of sending. */
static void take_replies(struct submitter *submitter)
{
    redisReply *reply;
    size_t at = first_sent(submitter);

    while (at < submitter->length) {
        enum connection_result result = connection_take(&submitter->connection, &reply);
        if (result == CONNECTION_LOST)
            lose(submitter);
        if (result != CONNECTION_REPLY)
            return;
        if (reply->type == REDIS_REPLY_INTEGER)
            answered(submitter, at);
        else
            submitter->queue[at].sent = false; /* it was refused: once more */
        freeReplyObject(reply);
        at = first_sent(submitter);
    }
}

void submitter_tick(struct submitter *submitter, int64_t now_ms)
{
    bool answered_all = first_sent(submitter) == submitter->length;

    submitter->now_ms = now_ms;
    take_due(submitter);
    if (answered_all && now_ms - submitter->sent_ms >= PORTION_EVERY_MS)
        send(submitter);
    take_replies(submitter);
}

void submitter_cut(struct submitter *submitter)
{
    if (first_sent(submitter) == submitter->length)
        send(submitter);
    connection_flush(&submitter->connection);
    connection_drop(&submitter->connection);
    lose(submitter);
}

unsigned submitter_taken(const struct submitter *submitter)
{
    return submitter->next;
}

unsigned submitter_open(const struct submitter *submitter)
{
    return (unsigned)submitter->length + (submitter->plan->task_count - submitter->next);
}
