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

/* 1 and {1, ...} done, 0 and {0} stale, -1 and {-1} claimed, {2, batches} changed. */
static enum transition_result read_result(const struct redisReply *reply)
{
    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
        reply = reply->element[0];
    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER)
        return TRANSITION_ENDED;
    switch (reply->integer) {
    case 0:
        return TRANSITION_STALE;
    case 1:
        return TRANSITION_DONE;
    case 2:
        return TRANSITION_CHANGED;
    default:
        return TRANSITION_CLAIMED;
    }
}

static struct transition_news read_news(const struct redisReply *reply,
                                        enum transition_result result)
{
    struct transition_news news = {0};

    if (result == TRANSITION_CHANGED)
        news.batches = reply->element[1]->str;
    if (result == TRANSITION_DONE && reply->type == REDIS_REPLY_ARRAY && reply->elements == 3) {
        news.ended = reply->element[1]->str;
        news.took_ms = reply->element[2]->integer;
    }
    return news;
}

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct transition_end end = *(struct transition_end *)arg;
    enum transition_result result = read_result(reply);

    struct transition_news news = read_news(reply, result);

    free(arg);
    if (end.fn != NULL)
        end.fn(result, &news, end.arg);
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

/* --- chain --- */

/* A chain under way, and what its first child's record is when that starts at once. */
struct chaining {
    struct transition_chain_end end;
    struct record *first;
};

/* As chain.lua makes it, but for `submitted_at`: the script does not send back what it was given.
 */
static struct record *first_record(const struct record *parent,
                                   const struct transition_chain *chain)
{
    const struct transition_child *child = &chain->children[0];
    struct record *first = record_new(child->id);
    char *token = slice_copy(chain->seq);

    record_set(first, RECORD_state, "running");
    record_set(first, RECORD_token, token);
    record_set(first, RECORD_kind, "index");
    record_set(first, RECORD_attempt, "1");
    record_set(first, RECORD_calls, "1");
    record_set(first, RECORD_max_attempts, record_text(parent, RECORD_max_attempts));
    record_set(first, RECORD_request, child->request);
    record_set(first, RECORD_batch, record_text(parent, RECORD_batch));
    record_set(first, RECORD_parent, parent->id);
    record_set(first, RECORD_label, child->label);
    record_set(first, RECORD_purpose, "call");
    record_set(first, RECORD_video_id, transition_value(&chain->fields, parent, RECORD_video_id));
    record_set(first, RECORD_collection_id,
               transition_value(&chain->fields, parent, RECORD_collection_id));
    free(token);
    return first;
}

static void on_chained(const struct redisReply *reply, void *arg)
{
    struct chaining chaining = *(struct chaining *)arg;
    enum transition_result result = read_result(reply);
    struct record *first = NULL;

    free(arg);
    if (result == TRANSITION_DONE && reply->elements == 2) {
        first = chaining.first;
        first->now_ms = reply->element[1]->integer;
    } else {
        record_free(chaining.first);
    }
    chaining.end.fn(result, first, chaining.end.arg);
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

static void chain_keys(struct script_call *call, struct queue *queue, const struct record *record,
                       const struct transition_chain *chain)
{
    home_keys(call, &queue->keys);
    script_call_key(call, queue->keys.tasks);
    script_call_key(call, queue->keys.events);
    script_call_key(call, queue->keys.seq);
    script_call_key_of(call, &queue->keys, "task", slice_text(record->id));
    owner_key(call, queue, chain->video_id, record->id);
    script_call_key(call, queue->keys.pause);
    script_call_key(call, queue->keys.pace);
    for (size_t i = 0; i < chain->count; i++)
        script_call_key_of(call, &queue->keys, "task", slice_text(chain->children[i].id));
}

static void add_labels(struct script_call *call, const struct transition_chain *chain)
{
    struct buffer labels = BUFFER(1 << 16);

    for (size_t i = 0; i < chain->count; i++)
        buffer_add_format(&labels, "%s%s", i > 0 ? " " : "", chain->children[i].label);
    script_call_text(call, buffer_text(&labels));
    buffer_clear(&labels);
}

void transition_chain(struct queue *queue, const struct record *record,
                      const struct transition_chain *chain, struct transition_chain_end end)
{
    struct script_call *call = script_call_new(SCRIPT_chain);
    struct chaining *chaining = xcalloc(1, sizeof(*chaining));

    chaining->end = end;
    if (chain->seq.length > 0)
        chaining->first = first_record(record, chain);
    chain_keys(call, queue, record, chain);
    script_call_text(call, record->id);
    script_call_text(call, record_text(record, RECORD_token));
    script_call_text(call, chain->lapsed ? "1" : "");
    script_call_int(call, queue->retention_ms);
    script_call_text(call, chain->found ? "found" : "");
    add_labels(call, chain);
    script_call_text(call, chain->detail);
    script_call_arg(call, chain->seq);
    script_call_text(call, chain->full ? "full" : "");
    script_call_int(call, queue->lease_ms);
    script_call_int(call, (int64_t)chain->fields.count);
    add_fields(call, &chain->fields);
    add_children(call, record, chain);
    script_call_persist(call);
    scripts_send(queue->scripts, call, on_chained, chaining);
}
