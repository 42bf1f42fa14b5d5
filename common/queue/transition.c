#include "queue/transition.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

static void add_fields(struct script_call *call, const struct transition_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const char *value = fields->pair[i].value;
        script_call_text(call, fields->pair[i].name);
        script_call_text(call, value != NULL ? value : fields->number[i]);
    }
}

/* The video's owner, or the task once more where there is no video. */
static void owner_key(struct script_call *call, struct queue *queue, const char *video_id,
                      const char *id)
{
    bool video = video_id != NULL && video_id[0] != '\0';
    script_call_key_of(call, &queue->keys, video ? "video" : "task",
                       slice_text(video ? video_id : id));
}

static void home_keys(struct script_call *call, const struct keys *keys)
{
    script_call_key(call, keys->running);
    script_call_key(call, keys->awaiting);
    script_call_key(call, keys->delayed);
}

/* 1 and {1} done, 0 and {0} stale, -1 and {-1} claimed, {2, batches} changed. */
static void on_reply(const struct redisReply *reply, void *arg)
{
    struct transition_end end = *(struct transition_end *)arg;
    const struct redisReply *code = reply;
    enum transition_result result = TRANSITION_ENDED;
    const char *batches = NULL;

    free(arg);
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
        code = reply->element[0];
    if (code != NULL && code->type == REDIS_REPLY_INTEGER) {
        result = code->integer == 1   ? TRANSITION_DONE
                 : code->integer == 0 ? TRANSITION_STALE
                                      : TRANSITION_CLAIMED;
        if (code->integer == 2) {
            result = TRANSITION_CHANGED;
            batches = reply->element[1]->str;
        }
    }
    if (end.fn != NULL)
        end.fn(result, batches, end.arg);
}

static void send(struct queue *queue, struct script_call *call, struct transition_end end)
{
    struct transition_end *copy = xcalloc(1, sizeof(*copy));
    *copy = end;
    script_call_persist(call);
    scripts_send(queue->scripts, call, on_reply, copy);
}

void transition_move(struct queue *queue, const struct record *record,
                     const struct transition_move *move, struct transition_end end)
{
    struct script_call *call = script_call_new(SCRIPT_move);

    home_keys(call, &queue->keys);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.seq);
    script_call_key_of(call, &queue->keys, "task", slice_text(record->id));
    script_call_key(call, queue->keys.questions);
    script_call_text(call, record->id);
    script_call_text(call, record_text(record, RECORD_token));
    script_call_text(call, move->lapsed ? "1" : "");
    script_call_text(call, move->target);
    script_call_int(call, move->delay_ms);
    script_call_text(call, move->mark);
    script_call_text(call, move->stamp);
    script_call_text(call, move->event);
    script_call_text(call, move->detail);
    add_fields(call, &move->fields);
    send(queue, call, end);
}

static void batch_keys(struct script_call *call, struct queue *queue, const char *batches)
{
    struct slice rest = slice_text(batches);
    while (rest.length > 0) {
        size_t end = slice_find(rest, ' ');
        if (end > 0)
            script_call_key_of(call, &queue->keys, "batch", slice_head(rest, end));
        rest = slice_skip(rest, end + 1);
    }
}

static void finish_keys(struct script_call *call, struct queue *queue, const struct record *record,
                        const char *video_id)
{
    const char *parent = record_text(record, RECORD_parent);

    home_keys(call, &queue->keys);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.dead);
    script_call_key_of(call, &queue->keys, "task", slice_text(record->id));
    owner_key(call, queue, video_id, record->id);
    script_call_key_of(call, &queue->keys, "task",
                       slice_text(parent[0] != '\0' ? parent : record->id));
    batch_keys(call, queue, record_text(record, RECORD_batch));
}

void transition_finish(struct queue *queue, const struct record *record,
                       const struct transition_finish *finish, struct transition_end end)
{
    struct script_call *call = script_call_new(SCRIPT_finish);

    finish_keys(call, queue, record, finish->video_id);
    script_call_text(call, queue->keys.prefix);
    script_call_text(call, record->id);
    script_call_text(call, record_text(record, RECORD_token));
    script_call_text(call, finish->lapsed ? "1" : "");
    script_call_text(call, finish->ready ? "ready" : "failed");
    script_call_int(call, queue->retention_ms);
    script_call_text(call, finish->found ? "found" : "");
    script_call_text(call, finish->video_id);
    script_call_text(call, record_text(record, RECORD_parent));
    script_call_text(call, record_text(record, RECORD_label));
    script_call_text(call, finish->index_state);
    script_call_text(call, finish->failure);
    script_call_text(call, record_text(record, RECORD_batch));
    add_fields(call, &finish->fields);
    send(queue, call, end);
}

static void add_children(struct script_call *call, const struct record *record,
                         const struct transition_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        script_call_text(call, chain->children[i].id);
        script_call_text(call, chain->children[i].label);
        script_call_text(call, chain->children[i].request);
        script_call_text(call, record_text(record, RECORD_max_attempts));
    }
}

void transition_chain(struct queue *queue, const struct record *record,
                      const struct transition_chain *chain, struct transition_end end)
{
    struct script_call *call = script_call_new(SCRIPT_chain);
    struct buffer labels = BUFFER(1 << 16);

    for (size_t i = 0; i < chain->count; i++)
        buffer_add_format(&labels, "%s%s", i > 0 ? " " : "", chain->children[i].label);
    home_keys(call, &queue->keys);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.seq);
    script_call_key_of(call, &queue->keys, "task", slice_text(record->id));
    owner_key(call, queue, chain->video_id, record->id);
    for (size_t i = 0; i < chain->count; i++)
        script_call_key_of(call, &queue->keys, "task", slice_text(chain->children[i].id));
    script_call_text(call, record->id);
    script_call_text(call, record_text(record, RECORD_token));
    script_call_text(call, chain->lapsed ? "1" : "");
    script_call_int(call, queue->retention_ms);
    script_call_text(call, chain->found ? "found" : "");
    script_call_text(call, buffer_text(&labels));
    script_call_text(call, chain->detail);
    script_call_int(call, (int64_t)chain->fields.count);
    add_fields(call, &chain->fields);
    add_children(call, record, chain);
    buffer_clear(&labels);
    send(queue, call, end);
}
