#include "queue/submission.h"

#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

struct pending {
    submission_fn fn;
    submission_expand_fn expand_fn;
    void *arg;
};

static struct pending *pending_new(submission_fn fn, submission_expand_fn expand_fn, void *arg)
{
    struct pending *pending = xcalloc(1, sizeof(*pending));
    *pending = (struct pending){fn, expand_fn, arg};
    return pending;
}

/* A count that may be missing. */
static void optional_int(struct script_call *call, int64_t value)
{
    if (value > 0)
        script_call_int(call, value);
    else
        script_call_text(call, "");
}

static void send(struct queue *queue, struct script_call *call, redis_reply_fn fn, void *arg)
{
    script_call_persist(call);
    scripts_send(queue->scripts, call, fn, arg);
}

/* reject.lua answers 1 or 0; rerun.lua {1}, {0} for "not failed any more", {2, ...} for "changed".
 */
static void on_answered(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    bool accepted = false;

    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
        accepted = reply->integer == 1;
    else if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
        accepted = reply->element[0]->integer != 2;
    pending->fn(accepted, pending->arg);
    free(pending);
}

void submission_reject(struct queue *queue, const struct submission_reject *reject,
                       submission_fn fn, void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_reject);
    bool batch = reject->batch[0] != '\0';

    script_call_key(call, queue->keys.tasks_taken);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.dead);
    script_call_key_of(call, &queue->keys, "task", slice_text(reject->id));
    script_call_key_of(call, &queue->keys, batch ? "batch" : "task",
                       slice_text(batch ? reject->batch : reject->id));
    script_call_key(call, queue->keys.batches);
    script_call_text(call, queue->keys.prefix);
    script_call_arg(call, reject->member);
    script_call_text(call, reject->id);
    script_call_int(call, queue->retention_ms);
    script_call_text(call, reject->failure);
    script_call_text(call, reject->about);
    script_call_text(call, reject->batch);
    optional_int(call, reject->batch_size);
    script_call_text(call, reject->keep ? "keep" : "");
    send(queue, call, on_answered, pending_new(fn, NULL, arg));
}

/* The words of a space separated list, one at a time; false at its end. */
static bool next_word(struct slice *rest, struct slice *word)
{
    while (rest->length > 0) {
        size_t end = slice_find(*rest, ' ');
        *word = slice_head(*rest, end);
        *rest = slice_skip(*rest, end + 1);
        if (word->length > 0)
            return true;
    }
    return false;
}

static void rerun_keys(struct script_call *call, struct queue *queue,
                       const struct submission_rerun *rerun)
{
    struct slice rest = slice_text(record_text(rerun->record, RECORD_batch)), word;

    script_call_key(call, queue->keys.tasks_taken);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.dead);
    script_call_key(call, queue->keys.seq);
    script_call_key_of(call, &queue->keys, "task", slice_text(rerun->record->id));
    for (size_t i = 0; i < rerun->child_count; i++)
        script_call_key_of(call, &queue->keys, "task", slice_text(rerun->children[i].id));
    while (next_word(&rest, &word))
        script_call_key_of(call, &queue->keys, "batch", word);
}

void submission_rerun(struct queue *queue, const struct submission_rerun *rerun, submission_fn fn,
                      void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_rerun);

    rerun_keys(call, queue, rerun);
    script_call_arg(call, rerun->member);
    script_call_text(call, rerun->record->id);
    script_call_text(call, record_text(rerun->record, RECORD_batch));
    script_call_text(call, rerun->request);
    script_call_text(call, rerun->about);
    optional_int(call, rerun->max_attempts);
    script_call_text(call, rerun->kind);
    script_call_text(call, rerun->label);
    for (size_t i = 0; i < rerun->child_count; i++) {
        script_call_text(call, rerun->children[i].id);
        script_call_text(call, rerun->children[i].label);
        script_call_text(call, rerun->children[i].request);
    }
    send(queue, call, on_answered, pending_new(fn, NULL, arg));
}

static void on_expanded(const struct redisReply *reply, void *arg)
{
    struct pending *pending = arg;
    bool known = reply != NULL && reply->type == REDIS_REPLY_INTEGER;

    pending->expand_fn(known ? reply->integer : -1, pending->arg);
    free(pending);
}

void submission_expand(struct queue *queue, const struct submission_expand *expand,
                       submission_expand_fn fn, void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_expand);

    script_call_key(call, queue->keys.tasks_taken);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.events);
    script_call_key_of(call, &queue->keys, "batch", slice_text(expand->batch));
    script_call_text(call, queue->keys.prefix);
    script_call_arg(call, expand->member);
    script_call_text(call, expand->batch);
    script_call_int(call, queue->retention_ms);
    script_call_int(call, expand->total);
    script_call_int(call, expand->expanded);
    for (size_t i = 0; i < expand->count; i++)
        script_call_arg(call, expand->items[i]);
    send(queue, call, on_expanded, pending_new(NULL, fn, arg));
}
