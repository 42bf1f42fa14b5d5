/* A right that goes while the programs work: said once, with the command and where to look; nothing
 * is lost, nothing is asked in a hurry; and they go on when it is back. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

static void run(const char *command)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, command);

    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", command, reply->str);
    freeReplyObject(reply);
}

/* The second one is queued. */
#define TWO_INDEXES "\"index\":[\"spoken_words\",\"scenes\"]"

/* What a worker loses while a task is with VideoDB, and the command by which it finds out. */
static const struct {
    const char *take, *give, *log;
} losses[] = {
    {"-evalsha -eval", "+evalsha +eval", "command=EVALSHA"},
    {"-zadd", "+zadd", "command=EVALSHA"},
    {"-zrem", "+zrem", "command=EVALSHA"},
    {"-hset", "+hset", "command=EVALSHA"},
    {"-incr", "+incr", "command=EVALSHA"},
    {"-incrby", "+incrby", "command=EVALSHA"},
    {"-set", "+set", "command=EVALSHA"},
    {"-rpush", "+rpush", "command=EVALSHA"},
    {"-hmget", "+hmget", "command=EVALSHA"},
    {"-blmove", "+blmove", "command=BLMOVE"},
};

static void change_rights(const char *user, const char *rights)
{
    char *command = xasprintf("ACL SETUSER %s %s", user, rights);

    run(command);
    free(command);
}

static long long rejected(void)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, "INFO stats");
    const char *name = "total_error_replies:";
    const char *at = strstr(reply->str, name);
    long long value = at != NULL ? strtoll(at + strlen(name), NULL, 10) : 0;

    freeReplyObject(reply);
    return value;
}

enum { DENIED_FOR_MS = 1000, ERRORS_AT_MOST = 60 };

/* It would be thousands in a second. */
static void expect_no_hurry(const char *what)
{
    long long before = rejected();
    int64_t start_ms = clock_monotonic_ms();

    (void)process_wait_log(pipeline.workers[0], "there is no such line", 1, DENIED_FOR_MS);
    long long errors = rejected() - before;
    int64_t took_ms = clock_monotonic_ms() - start_ms;
    cr_expect_leq(errors, ERRORS_AT_MOST * (1 + took_ms / DENIED_FOR_MS), "%s: %lld in %lld ms",
                  what, errors, (long long)took_ms);
}

static void lose_and_regain(size_t i)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .users = true,
                                  .worker = LIST("REELQ_LEASE=2s", "REELQ_UNKNOWN_GRACE=4s",
                                                 "REELQ_CALLBACK_TIMEOUT=3s")});
    pipeline_faults(&pipeline, "upload:latency(300)=1 callback:late(600)=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"," TWO_INDEXES "}");
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 1);
    change_rights(REDIS_USERS_WORKER, losses[i].take);
    pipeline_submit(&pipeline, "{\"id\":\"u\",\"url\":\"https://e.com/b.mp4\"," TWO_INDEXES "}");
    pipeline_await_log(&pipeline, "redis-denied", 1);
    expect_no_hurry(losses[i].take);
    const char *log = process_log(pipeline.workers[0]);
    pipeline_has(losses[i].take, log, losses[i].log);
    pipeline_has(losses[i].take, log, "user=\"reelq-worker\"");
    pipeline_has(losses[i].take, log, "deploy/redis.acl");
    change_rights(REDIS_USERS_WORKER, losses[i].give);
    (void)pipeline_await(&pipeline, "ready", "t");
    (void)pipeline_await(&pipeline, "ready", "u");
    pipeline_await_empty(&pipeline, "reelq:running");
    pipeline_await_empty(&pipeline, "reelq:awaiting");
    pipeline_await_empty(&pipeline, "reelq:taken");
    pipeline_await_empty(&pipeline, "reelq:callbacks:taken");
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1, "%s", losses[i].take);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "u"), 1, "%s", losses[i].take);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 2, "%s", losses[i].take);
    pipeline_stop(&pipeline);
}

Test(redis_denied, workers_go_on_when_the_right_is_back)
{
    for (size_t i = 0; i < COUNT(losses); i++) {
        (void)fprintf(stderr, "--- %s\n", losses[i].take);
        lose_and_regain(i);
    }
}

Test(redis_denied, webhooks_say_no_until_the_right_is_back)
{
    static const char body[] = "{\"success\":true,\"data\":{\"id\":\"m-x\"}}";

    pipeline_start(&pipeline, &(struct pipeline_options){.users = true});
    change_rights(REDIS_USERS_WEBHOOK, "-lpush");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, body), 503);
    cr_expect(process_wait_log(pipeline.webhook, "redis-denied", 1, PIPELINE_WAIT_MS));
    const char *log = process_log(pipeline.webhook);
    pipeline_has("webhook", log, "command=LPUSH");
    pipeline_has("webhook", log, "user=\"reelq-webhook\"");
    pipeline_has("webhook", log, "deploy/redis.acl");
    change_rights(REDIS_USERS_WEBHOOK, "+lpush");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, body), 200);
    pipeline_await_log(&pipeline, "callback-ignored id=t", 1);
    pipeline_stop(&pipeline);
}
