#include "queue/admission.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

struct pending {
    admission_fn fn;
    void *arg;
    size_t count;
    char *ids[QUEUE_MAX_ITEMS];
};

static void pending_free(struct pending *pending)
{
    for (size_t i = 0; i < pending->count; i++)
        free(pending->ids[i]);
    free(pending);
}

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
    if (reply->elements == 4) {
        record_set_int(record, RECORD_attempt, reply->element[3]->integer);
        record_set_int(record, RECORD_calls, reply->element[3]->integer);
    }
    return record;
}

static void read_admitted(struct admission_result *item, const char *id,
                          const struct redisReply *reply)
{
    const char *word =
        reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0]->str : "stale";

    item->result = ADMISSION_STALE;
    if (strcmp(word, "unknown") == 0) {
        item->result = ADMISSION_UNKNOWN;
    } else if (strcmp(word, "known") == 0) {
        item->result = ADMISSION_KNOWN;
        item->state = reply->element[1]->str;
    } else if (strcmp(word, "run") == 0 && reply->elements >= 4) {
        item->record = admitted_record(id, reply);
        item->result = item->record != NULL ? ADMISSION_RUN : ADMISSION_STALE;
    }
}

static void on_admitted(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    struct admission_result items[QUEUE_MAX_ITEMS] = {{0}};

    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == pending->count) {
        for (size_t i = 0; i < pending->count; i++)
            read_admitted(&items[i], pending->ids[i], reply->element[i]);
        pending->fn(items, pending->arg);
    } else {
        pending->fn(NULL, pending->arg);
    }
    pending_free(pending);
}

static bool is_in_batch(const struct admission *item)
{
    return item->batch != NULL && item->batch[0] != '\0';
}

static void admission_keys(struct script_call *call, struct queue *queue,
                           const struct admission *item)
{
    bool in_batch = is_in_batch(item);
    script_call_key_of(call, &queue->keys, "task", slice_text(item->id));
    script_call_key_of(call, &queue->keys, in_batch ? "batch" : "task",
                       slice_text(in_batch ? item->batch : item->id));
}

static void admission_args(struct script_call *call, const struct admission *item)
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

void admission_apply(struct queue *queue, const struct admission_batch *batch, admission_fn fn,
                     void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_admit);
    struct pending *pending = xcalloc(1, sizeof(*pending));

    assert(batch->count > 0 && batch->count <= QUEUE_MAX_ITEMS);
    pending->fn = fn;
    pending->arg = arg;
    script_call_key(call, queue->keys.tasks_taken);
    script_call_key(call, queue->keys.running);
    script_call_key(call, queue->keys.events);
    bool in_batch = false;
    for (size_t i = 0; i < batch->count; i++) {
        admission_keys(call, queue, &batch->items[i]);
        in_batch |= is_in_batch(&batch->items[i]);
    }
    if (in_batch)
        script_call_key(call, queue->keys.batches);
    script_call_text(call, queue->keys.prefix);
    script_call_int(call, queue->lease_ms);
    script_call_int(call, queue->retention_ms);
    for (size_t i = 0; i < batch->count; i++) {
        admission_args(call, &batch->items[i]);
        pending->ids[pending->count++] = xstrdup(batch->items[i].id);
    }
    script_call_persist(call);
    scripts_send(queue->scripts, call, on_admitted, pending);
}
