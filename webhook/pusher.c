#include "webhook/pusher.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"
#include "base/xalloc.h"

struct pusher {
    struct redis *redis;
    const char *key;
    bool refused;
};

struct push {
    struct pusher *pusher;
    void (*fn)(bool stored, void *arg);
    void *arg;
};

static void note_reply(struct pusher *pusher, const struct redisReply *reply)
{
    bool refused = reply->type != REDIS_REPLY_INTEGER;

    if (refused && !pusher->refused)
        log_warn("push-refused", "key=%s reply=%s", log_quote_text(pusher->key),
                 log_quote_text(reply->type == REDIS_REPLY_ERROR ? reply->str : "of another type"));
    if (!refused && pusher->refused)
        log_info("push-accepted", "key=%s", log_quote_text(pusher->key));
    pusher->refused = refused;
}

static void on_pushed(const struct redisReply *reply, void *arg)
{
    struct push push = *(struct push *)arg;

    free(arg);
    if (reply != NULL)
        note_reply(push.pusher, reply);
    push.fn(reply != NULL && reply->type == REDIS_REPLY_INTEGER, push.arg);
}

void pusher_push(struct pusher *pusher, struct push_list list, void (*fn)(bool stored, void *arg),
                 void *arg)
{
    const char *words[PUSHER_MAX + 2] = {"LPUSH", pusher->key};
    size_t lengths[PUSHER_MAX + 2] = {strlen("LPUSH"), strlen(pusher->key)};
    struct redis_command command = {.count = 2, .data = words, .length = lengths};
    struct push *push = xcalloc(1, sizeof(*push));

    assert(list.count > 0 && list.count <= PUSHER_MAX);
    for (int i = 0; i < list.count; i++, command.count++) {
        words[command.count] = list.items[i].data;
        lengths[command.count] = list.items[i].length;
    }
    *push = (struct push){.pusher = pusher, .fn = fn, .arg = arg};
    redis_send(pusher->redis, &command, on_pushed, push);
}

bool pusher_is_up(const struct pusher *pusher)
{
    return redis_is_up(pusher->redis);
}

bool pusher_is_refused(const struct pusher *pusher)
{
    return pusher->refused;
}

struct pusher *pusher_new(struct redis *redis, const char *key)
{
    struct pusher *pusher = xcalloc(1, sizeof(*pusher));

    pusher->redis = redis;
    pusher->key = key;
    return pusher;
}

void pusher_free(struct pusher *pusher)
{
    free(pusher);
}
