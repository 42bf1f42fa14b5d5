#include "queue/presence.h"

#include <assert.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

struct pending {
    presence_fn fn;
    void *arg;
};

static void on_renewed(const struct redisReply *reply, void *arg)
{
    struct pending pending = *(struct pending *)arg;
    bool renewed = reply != NULL && reply->type == REDIS_REPLY_ARRAY;

    free(arg);
    for (size_t i = 0; renewed && i < reply->elements; i++)
        pending.fn(reply->element[i]->str, true, pending.arg);
    pending.fn(NULL, renewed, pending.arg);
}

void presence_renew(struct queue *queue, const struct presence *presence, presence_fn fn, void *arg)
{
    struct script_call *call = script_call_new(SCRIPT_renew);
    struct pending *pending = xcalloc(1, sizeof(*pending));

    assert(presence->count <= QUEUE_MAX_ITEMS);
    *pending = (struct pending){fn, arg};
    script_call_key(call, queue->keys.running);
    script_call_key(call, queue->keys.workers);
    script_call_key_of(call, &queue->keys, "worker", slice_text(presence->worker));
    for (size_t i = 0; i < presence->count; i++)
        script_call_key_of(call, &queue->keys, "task", slice_text(presence->leases[i].id));
    script_call_int(call, queue->lease_ms);
    script_call_text(call, presence->worker);
    script_call_int(call, presence->runs);
    script_call_int(call, presence->started_at_ms);
    script_call_text(call, REELQ_VERSION);
    script_call_int(call, presence->concurrency);
    script_call_int(call, presence->memory_bytes);
    script_call_int(call, presence->ready);
    script_call_int(call, presence->failed);
    script_call_text(call, presence->api == NULL ? "" : presence->api);
    for (size_t i = 0; i < presence->count; i++) {
        script_call_text(call, presence->leases[i].id);
        script_call_text(call, presence->leases[i].token);
    }
    scripts_send(queue->scripts, call, on_renewed, pending);
}

void presence_pause(struct queue *queue, int64_t ms)
{
    struct script_call *call = script_call_new(SCRIPT_pause);

    script_call_key(call, queue->keys.pause);
    script_call_key(call, queue->keys.pace);
    script_call_int(call, ms);
    script_call_persist(call);
    scripts_send(queue->scripts, call, NULL, NULL);
}

void presence_event(struct queue *queue, const char *event, const char *id, const char *detail)
{
    struct script_call *call = script_call_new(SCRIPT_event);

    script_call_key(call, queue->keys.events);
    script_call_text(call, event);
    script_call_text(call, id);
    script_call_text(call, detail);
    scripts_send(queue->scripts, call, NULL, NULL);
}
