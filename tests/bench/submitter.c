#include "bench/submitter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/xalloc.h"

enum { SLICE = 64, ITEM_MAX = 64 * 1024, PATIENCE_S = 60 };

struct submitter {
    redisContext *commands, *messages;
};

__attribute__((noreturn)) static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "submitter: %s: %s\n", what, detail);
    abort();
}

static redisContext *dial(const char *path)
{
    redisContext *context = redisConnectUnix(path);
    struct timeval patience = {.tv_sec = PATIENCE_S};

    if (context == NULL || context->err != 0 || redisSetTimeout(context, patience) != REDIS_OK)
        fail("cannot connect", path);
    return context;
}

static redisReply *receive(redisContext *context)
{
    void *reply = NULL;

    if (redisGetReply(context, &reply) != REDIS_OK)
        fail("nothing comes", context->errstr);
    redisReply *got = reply;
    if (got->type == REDIS_REPLY_ERROR)
        fail("refused", got->str);
    return got;
}

struct submitter *submitter_new(const char *path)
{
    struct submitter *submitter = xcalloc(1, sizeof(*submitter));

    submitter->commands = dial(path);
    submitter->messages = dial(path);
    (void)redisAppendCommand(submitter->messages, "SUBSCRIBE reelq:ready reelq:failed");
    freeReplyObject(receive(submitter->messages));
    freeReplyObject(receive(submitter->messages));
    return submitter;
}

void submitter_free(struct submitter *submitter)
{
    redisFree(submitter->commands);
    redisFree(submitter->messages);
    free(submitter);
}

/* --- push ------------------------------------------------------------------------------------- */

static void push_slice(struct submitter *submitter, struct buffer items[], unsigned count)
{
    const char *words[SLICE + 2] = {"LPUSH", "reelq:tasks"};
    size_t lengths[SLICE + 2] = {strlen("LPUSH"), strlen("reelq:tasks")};

    for (unsigned i = 0; i < count; i++) {
        words[i + 2] = items[i].data;
        lengths[i + 2] = items[i].length;
    }
    if (redisAppendCommandArgv(submitter->commands, (int)count + 2, words, lengths) != REDIS_OK)
        fail("cannot push", submitter->commands->errstr);
}

void submitter_push(struct submitter *submitter, unsigned count, submitter_item_fn fn, void *arg)
{
    struct buffer items[SLICE];
    unsigned filled = 0;

    for (unsigned i = 0; i < SLICE; i++)
        buffer_init(&items[i], ITEM_MAX);
    for (unsigned number = 0; number < count; number++) {
        buffer_reset(&items[filled]);
        fn(&items[filled++], number, arg);
        if (filled == SLICE || number + 1 == count) {
            push_slice(submitter, items, filled);
            filled = 0;
        }
    }
    for (unsigned i = 0; i < (count + SLICE - 1) / SLICE; i++)
        freeReplyObject(receive(submitter->commands));
    for (unsigned i = 0; i < SLICE; i++)
        buffer_clear(&items[i]);
}

void submitter_video(struct buffer *out, unsigned number, void *arg)
{
    (void)arg;
    buffer_add_format(out, "{\"url\":\"https://example.com/videos/%07u.mp4\"}", number);
}

/* --- follow ----------------------------------------------------------------------------------- */

void submitter_follow(struct submitter *submitter, unsigned count, submitter_ready_fn fn, void *arg)
{
    while (count > 0) {
        redisReply *reply = receive(submitter->messages);
        const redisReply *message = reply->element[2];
        if (strcmp(reply->element[1]->str, "reelq:ready") != 0)
            fail("a task failed", message->str);
        if (fn != NULL)
            fn(slice_make(message->str, message->len), arg);
        freeReplyObject(reply);
        count--;
    }
}
