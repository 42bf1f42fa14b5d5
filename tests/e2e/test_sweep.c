/* After a long outage everything is due at once: Redis is not kept from its work, and neither are
 * the workers. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "e2e/pipeline_sandbox.h"

enum {
    TASKS = 100000,
    CHUNK = 1000,
    WORKERS = 3,
    MOST_PER_CALL = 64,
    SLOW_US = 3000, /* shown, not judged: the machine is slow at times, too */
    SWEEP_MS = 120000,
    LOOK_AGAIN_MS = 20
};

static struct pipeline pipeline;

/* Awaiting tasks `first` to `first` + CHUNK - 1, all of them due. */
static const char chunk_script[] =
    "for i = ARGV[1], ARGV[1] + ARGV[2] - 1 do\n"
    "  local id = string.format('t%d', i)\n"
    "  redis.call('HSET', 'reelq:task:' .. id, 'state', 'awaiting', 'token', i, 'kind', 'index',\n"
    "    'attempt', 1, 'max_attempts', 3, 'purpose', 'call', 'why', 'callback', 'since', 1,\n"
    "    'request', '{\"kind\":\"index\",\"max_attempts\":3,\"collection_id\":\"default\",' ..\n"
    "    '\"video_id\":\"m-1\",\"indexes\":[{\"type\":\"spoken_words\",' ..\n"
    "    '\"label\":\"spoken_words\",\"options\":{}}]}')\n"
    "  redis.call('ZADD', 'reelq:awaiting', i, id)\n"
    "end\n"
    "return redis.call('ZCARD', 'reelq:awaiting')";

static void fill(void)
{
    for (int first = 1; first <= TASKS; first += CHUNK) {
        char from[16];
        (void)snprintf(from, sizeof(from), "%d", first);
        cr_assert_eq(
            redis_server_integer(pipeline.redis, "EVAL %s 0 %s %d", chunk_script, from, CHUNK),
            first + CHUNK - 1);
    }
}

static void order(const char *words)
{
    freeReplyObject(redis_server_command(pipeline.redis, words));
}

/* Of the server's own count. */
static long script_calls(void)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, "INFO commandstats");
    const char *at = strstr(reply->str, "cmdstat_evalsha:calls=");
    long calls = at != NULL ? strtol(at + strlen("cmdstat_evalsha:calls="), NULL, 10) : 0;

    freeReplyObject(reply);
    return calls;
}

/* Entries of the slow log, each of which is shown. */
static size_t slow_calls(void)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, "SLOWLOG GET 100");
    size_t count = reply->elements;

    for (size_t i = 0; i < count; i++) {
        const struct redisReply *words = reply->element[i]->element[3];
        cr_log_info("slow: %lld us, %s with %zu words", reply->element[i]->element[2]->integer,
                    words->element[0]->str, words->elements);
    }
    freeReplyObject(reply);
    return count;
}

static void await_swept(void)
{
    int64_t start_ms = clock_monotonic_ms();

    while (redis_server_integer(pipeline.redis, "ZCARD reelq:awaiting") > 0) {
        cr_assert_lt(clock_monotonic_ms(), start_ms + SWEEP_MS, "it takes too long");
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
    cr_log_info("%d tasks in %lld ms", TASKS, (long long)(clock_monotonic_ms() - start_ms));
}

/* Workers are paused, so that all that is seen is the sweep. */
Test(sweep, a_hundred_thousand_are_due)
{
    char threshold[64];

    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    fill();
    order("SET reelq:pause 9000000000000000");
    (void)snprintf(threshold, sizeof(threshold), "CONFIG SET slowlog-log-slower-than %d", SLOW_US);
    order(threshold);
    order("SLOWLOG RESET");
    order("CONFIG RESETSTAT");
    for (int i = 0; i < WORKERS; i++)
        (void)pipeline_worker(&pipeline);
    await_swept();
    long calls = script_calls();
    size_t slow = slow_calls();
    cr_expect_eq(redis_server_integer(pipeline.redis, "LLEN reelq:questions"), TASKS);
    cr_expect_geq(calls, TASKS / MOST_PER_CALL, "a call does more than its bound");
    cr_expect_leq(calls, 10 * TASKS / MOST_PER_CALL, "%ld calls: workers do the same work", calls);
    cr_log_info("%ld calls of scripts, %zu over %d us", calls, slow, SLOW_US);
    order("FLUSHALL");
    pipeline_stop(&pipeline);
}
