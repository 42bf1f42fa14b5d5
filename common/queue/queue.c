#include "queue/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

/* A callback that waits for a reply. */
struct pending {
    struct queue *queue;
    void *arg;
    union {
        queue_claim_fn claim;
        queue_due_fn due;
        queue_read_fn read;
    } fn;
    char *id;       /* of what is read */
    int64_t now_ms; /* when, by the clock of Redis */
};

static struct pending *pending_new(struct queue *queue, void *arg)
{
    struct pending *pending = xcalloc(1, sizeof(*pending));
    pending->queue = queue;
    pending->arg = arg;
    return pending;
}

static void pending_free(struct pending *pending)
{
    free(pending->id);
    free(pending);
}

static bool is_array(const struct redisReply *reply, size_t at_least)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements >= at_least;
}

static const char *taken_key(const struct queue *queue, enum queue_list list)
{
    return list == QUEUE_TASKS ? queue->keys.tasks_taken : queue->keys.callbacks_taken;
}

struct slice queue_seq(struct slice member)
{
    return slice_head(member, slice_find(member, ':'));
}

struct slice queue_item(struct slice member)
{
    return slice_skip(member, slice_find(member, ':') + 1);
}

/* --- claim --- */

static void on_claimed(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;

    if (!is_array(reply, 2)) {
        pending->fn.claim(NULL, pending->arg);
        pending_free(pending);
        return;
    }
    size_t count = reply->elements - 2;
    struct slice *members = xcalloc(count, sizeof(*members));
    for (size_t i = 0; i < count; i++)
        members[i] = slice_make(reply->element[i + 2]->str, reply->element[i + 2]->len);
    struct queue_claim claim = {reply->element[0]->integer, reply->element[1]->integer, count,
                                members};
    pending->fn.claim(&claim, pending->arg);
    free(members);
    pending_free(pending);
}

void queue_claim(struct queue *queue, const struct queue_claim_request *request, queue_claim_fn fn,
                 void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_claim);
    const struct keys *keys = &queue->keys;
    bool tasks = request->list == QUEUE_TASKS;
    struct pending *pending = pending_new(queue, arg);

    pending->fn.claim = fn;
    script_call_key(call, tasks ? keys->tasks_landing : keys->callbacks_landing);
    script_call_key(call, tasks ? keys->tasks : keys->callbacks);
    script_call_key(call, taken_key(queue, request->list));
    script_call_key(call, keys->seq);
    script_call_key(call, keys->pause);
    script_call_key(call, keys->awaiting);
    script_call_key(call, keys->running);
    script_call_key(call, keys->pace);
    script_call_key(call, keys->questions);
    script_call_int(call, request->n);
    script_call_int(call, queue->lease_ms);
    script_call_int(call, request->limit);
    script_call_text(call, tasks ? "pausable" : "always");
    script_call_text(call, request->probe ? "probe" : "");
    scripts_send(queue->scripts, call, on_claimed, pending);
}

void queue_drop(struct queue *queue, enum queue_list list, struct slice member)
{
    const char *data[] = {"ZREM", taken_key(queue, list), member.data};
    size_t length[] = {4, strlen(data[1]), member.length};
    struct redis_command command = {3, data, length};
    redis_send(queue->redis, &command, NULL, NULL);
}

/* --- due --- */

static const char *const *ids_of(const struct redisReply *list, size_t *count)
{
    const char **ids = xcalloc(list->elements, sizeof(*ids));
    for (size_t i = 0; i < list->elements; i++)
        ids[i] = list->element[i]->str;
    *count = list->elements;
    return ids;
}

static void on_due(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;

    if (is_array(reply, 4)) {
        struct queue_due due = {.next_ms = reply->element[0]->integer};
        due.lapsed = ids_of(reply->element[1], &due.lapsed_count);
        due.awaiting = ids_of(reply->element[2], &due.awaiting_count);
        due.delayed = ids_of(reply->element[3], &due.delayed_count);
        pending->fn.due(&due, pending->arg);
        free((void *)due.lapsed);
        free((void *)due.awaiting);
        free((void *)due.delayed);
    } else {
        pending->fn.due(NULL, pending->arg);
    }
    pending_free(pending);
}

void queue_due(struct queue *queue, queue_due_fn fn, void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_due);
    struct pending *pending = pending_new(queue, arg);

    pending->fn.due = fn;
    script_call_key(call, queue->keys.running);
    script_call_key(call, queue->keys.awaiting);
    script_call_key(call, queue->keys.delayed);
    script_call_key(call, queue->keys.pulse);
    script_call_int(call, queue->lease_ms);
    scripts_send(queue->scripts, call, on_due, pending);
}

/* A set, the state of the records that stand in it, and the mark of what becomes of them. */
struct home {
    const char *set, *state, *mark;
};

static void on_promoted(const struct redisReply *reply, void *arg)
{
    struct queue_promotion promotion = *(struct queue_promotion *)arg;

    free(arg);
    if (promotion.fn != NULL)
        promotion.fn(reply != NULL && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0,
                     promotion.arg);
}

static void promote(struct queue *queue, const struct queue_promotion *promotion, struct home home)
{
    struct script_call *call = script_call_new(SCRIPT_promote);
    struct queue_promotion *copy = xcalloc(1, sizeof(*copy));

    assert(promotion->count <= QUEUE_MAX_ITEMS);
    *copy = *promotion;
    script_call_key(call, home.set);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.questions);
    for (size_t i = 0; i < promotion->count; i++)
        script_call_key_of(call, &queue->keys, "task", slice_text(promotion->ids[i]));
    script_call_text(call, home.state);
    script_call_text(call, home.mark);
    for (size_t i = 0; i < promotion->count; i++)
        script_call_text(call, promotion->ids[i]);
    scripts_send(queue->scripts, call, on_promoted, copy);
}

void queue_promote_delayed(struct queue *queue, const struct queue_promotion *promotion)
{
    promote(queue, promotion, (struct home){queue->keys.delayed, "delayed", "@"});
}

void queue_promote_awaiting(struct queue *queue, const struct queue_promotion *promotion)
{
    promote(queue, promotion, (struct home){queue->keys.awaiting, "awaiting", "?"});
}

void queue_forget_running(struct queue *queue, const char *id)
{
    promote(queue, &(struct queue_promotion){.ids = &id, .count = 1},
            (struct home){queue->keys.running, "running", ""});
}

/* --- read --- */

/* TIME: seconds and microseconds. */
static void on_time(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;

    if (is_array(reply, 2))
        pending->now_ms = strtoll(reply->element[0]->str, NULL, 10) * 1000 +
                          strtoll(reply->element[1]->str, NULL, 10) / 1000;
}

static void on_fields(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    struct record *record = NULL;

    if (pending->now_ms > 0 && reply != NULL) {
        record = record_new(pending->id);
        record->now_ms = pending->now_ms;
        if (!record_fill_pairs(record, reply)) {
            record_free(record);
            record = NULL;
        }
    }
    pending->fn.read(record, pending->arg);
    pending_free(pending);
}

/* Two plain commands in one write cost Redis a third of what a script for both does. */
void queue_read(struct queue *queue, const char *id, queue_read_fn fn, void *arg)
{
    char *key = keys_of(&queue->keys, "task", slice_text(id));
    struct pending *pending = pending_new(queue, arg);

    pending->fn.read = fn;
    pending->id = xstrdup(id);
    redis_send_text(queue->redis, on_time, pending, "TIME", NULL);
    redis_send_text(queue->redis, on_fields, pending, "HGETALL", key, NULL);
    free(key);
}
