#include "queue/queue.h"

#include <assert.h>
#include <inttypes.h>
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
        queue_admit_fn admit;
        queue_read_fn read;
    } fn;
    char **ids; /* of what is admitted or read */
    size_t count;
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
    for (size_t i = 0; i < pending->count; i++)
        free(pending->ids[i]);
    free(pending->ids);
    free(pending);
}

static void pending_add_id(struct pending *pending, const char *id)
{
    pending->ids = xrealloc(pending->ids, pending->count + 1, sizeof(*pending->ids));
    pending->ids[pending->count++] = xstrdup(id);
}

static bool is_array(const struct redisReply *reply, size_t at_least)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements >= at_least;
}

static const char *taken_key(const struct queue *queue, enum queue_list list)
{
    return list == QUEUE_TASKS ? queue->keys.tasks_taken : queue->keys.callbacks_taken;
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
    script_call_int(call, request->n);
    script_call_int(call, queue->lease_ms);
    script_call_int(call, request->limit);
    script_call_text(call, tasks ? "pausable" : "always");
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
    scripts_send(queue->scripts, call, on_due, pending);
}

static void promote(struct queue *queue, const char *id, bool delayed)
{
    struct script_call *call = script_call_new(SCRIPT_promote);

    script_call_key(call, delayed ? queue->keys.delayed : queue->keys.awaiting);
    script_call_key(call, queue->keys.tasks);
    script_call_key_of(call, &queue->keys, "task", slice_text(id));
    script_call_text(call, id);
    script_call_text(call, delayed ? "delayed" : "awaiting");
    script_call_text(call, delayed ? "@" : "?");
    scripts_send(queue->scripts, call, NULL, NULL);
}

void queue_promote_delayed(struct queue *queue, const char *id)
{
    promote(queue, id, true);
}

void queue_promote_awaiting(struct queue *queue, const char *id)
{
    promote(queue, id, false);
}

/* --- admit --- */

static struct record *admitted_record(const char *id, const struct redisReply *reply)
{
    struct record *record = record_new(id);

    if (reply->elements == 4 + RECORD_COUNT && !record_fill(record, reply, 4)) {
        record_free(record);
        return NULL;
    }
    record_set(record, RECORD_state, "running");
    record_set(record, RECORD_token, reply->element[1]->str);
    record->now_ms = strtoll(reply->element[2]->str, NULL, 10);
    if (reply->elements == 4)
        record_set_int(record, RECORD_attempt, reply->element[3]->integer);
    return record;
}

static void read_admitted(struct queue_admitted_item *item, const char *id,
                          const struct redisReply *reply)
{
    const char *word = is_array(reply, 1) ? reply->element[0]->str : "stale";

    item->result = QUEUE_STALE;
    if (strcmp(word, "known") == 0) {
        item->result = QUEUE_KNOWN;
        item->state = reply->element[1]->str;
    } else if (strcmp(word, "run") == 0 && reply->elements >= 4) {
        item->record = admitted_record(id, reply);
        item->result = item->record != NULL ? QUEUE_RUN : QUEUE_STALE;
    }
}

static void on_admitted(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    struct queue_admitted_item items[QUEUE_MAX_ADMIT] = {{0}};

    if (is_array(reply, pending->count)) {
        for (size_t i = 0; i < pending->count; i++)
            read_admitted(&items[i], pending->ids[i], reply->element[i]);
        pending->fn.admit(items, pending->arg);
    } else {
        pending->fn.admit(NULL, pending->arg);
    }
    pending_free(pending);
}

static void admission_keys(struct script_call *call, struct queue *queue,
                           const struct queue_admission *item)
{
    bool batch = item->batch != NULL && item->batch[0] != '\0';
    script_call_key_of(call, &queue->keys, "task", slice_text(item->id));
    script_call_key_of(call, &queue->keys, batch ? "batch" : "task",
                       slice_text(batch ? item->batch : item->id));
}

static void admission_args(struct script_call *call, const struct queue_admission *item)
{
    const char *texts[] = {item->op, item->id, item->token, item->kind};

    script_call_arg(call, item->member);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        script_call_text(call, texts[i]);
    script_call_int(call, item->max_attempts);
    script_call_text(call, item->request);
    script_call_text(call, item->about);
    script_call_text(call, item->batch);
    if (item->batch_size > 0)
        script_call_int(call, item->batch_size);
    else
        script_call_text(call, "");
    script_call_text(call, item->label);
}

void queue_admit(struct queue *queue, const struct queue_admissions *admissions, queue_admit_fn fn,
                 void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_admit);
    struct pending *pending = pending_new(queue, arg);

    assert(admissions->count > 0 && admissions->count <= QUEUE_MAX_ADMIT);
    pending->fn.admit = fn;
    script_call_key(call, queue->keys.tasks_taken);
    script_call_key(call, queue->keys.running);
    script_call_key(call, queue->keys.seq);
    script_call_key(call, queue->keys.events);
    for (size_t i = 0; i < admissions->count; i++)
        admission_keys(call, queue, &admissions->items[i]);
    script_call_text(call, queue->keys.prefix);
    script_call_int(call, queue->lease_ms);
    script_call_int(call, queue->retention_ms);
    for (size_t i = 0; i < admissions->count; i++) {
        admission_args(call, &admissions->items[i]);
        pending_add_id(pending, admissions->items[i].id);
    }
    script_call_persist(call);
    scripts_send(queue->scripts, call, on_admitted, pending);
}

/* --- read --- */

static void on_read(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    struct record *record = NULL;

    if (is_array(reply, 1 + RECORD_COUNT)) {
        record = record_new(pending->ids[0]);
        record->now_ms = strtoll(reply->element[0]->str, NULL, 10);
        if (!record_fill(record, reply, 1)) {
            record_free(record);
            record = NULL;
        }
    }
    pending->fn.read(record, pending->arg);
    pending_free(pending);
}

void queue_read(struct queue *queue, const char *id, queue_read_fn fn, void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_read);
    struct pending *pending = pending_new(queue, arg);

    pending->fn.read = fn;
    pending_add_id(pending, id);
    script_call_key_of(call, &queue->keys, "task", slice_text(id));
    scripts_send(queue->scripts, call, on_read, pending);
}
