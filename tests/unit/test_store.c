/* Where a callback finds its place: Redis, the spool, or nowhere; and in which order. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "webhook/store.h"

enum { SOON_MS = 10000, MANY = 200, ROOM = 64 * 1024 * 1024 };

struct bench {
    struct loop *loop;
    struct redis_server *server;
    struct redis_url url;
    struct redis *redis;
    struct pusher *pusher;
    char *directory;
    struct spool *spool;
    struct replay *replay;
    struct store *store;
    unsigned in_redis, in_spool, nowhere, answered, ups;
    unsigned next;         /* number of the next callback */
    unsigned puts_when_up; /* put as soon as the replay has begun */
    char *envelopes[2 * MANY];
};

static void on_placed(enum store_place place, void *arg)
{
    struct bench *bench = arg;
    unsigned *const counts[] = {[STORE_REDIS] = &bench->in_redis,
                                [STORE_SPOOL] = &bench->in_spool,
                                [STORE_NOWHERE] = &bench->nowhere};

    (*counts[place])++;
    bench->answered++;
}

static void put(struct bench *bench, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *envelope = xasprintf("%u", bench->next);
        bench->envelopes[bench->next++] = envelope;
        store_put(bench->store, slice_text(envelope), on_placed, bench);
    }
}

static void on_up(void *arg)
{
    struct bench *bench = arg;

    bench->ups++;
    if (bench->replay != NULL)
        replay_on_up(bench->replay);
    store_on_up(bench->store);
    put(bench, bench->puts_when_up);
}

static void on_more(void *arg)
{
    struct bench *bench = arg;

    replay_kick(bench->replay);
}

static void open_bench(struct bench *bench, bool spooling)
{
    struct error error;

    *bench = (struct bench){.loop = loop_new(), .server = redis_server_start()};
    bench->url = redis_server_parsed_url(bench->server, NULL, NULL);
    struct redis_options redis = {.loop = bench->loop,
                                  .url = &bench->url,
                                  .name = "test",
                                  .reply_timeout_ms = 2000,
                                  .on_up = on_up,
                                  .arg = bench};
    bench->redis = redis_new(&redis);
    bench->pusher = pusher_new(bench->redis, "t:callbacks");
    if (spooling) {
        bench->directory = temp_dir_make("spool");
        struct spool_options spool = {.loop = bench->loop,
                                      .directory = bench->directory,
                                      .max_bytes = ROOM,
                                      .on_more = on_more,
                                      .arg = bench};
        bench->spool = spool_new(&spool, &error);
        bench->replay = replay_new(bench->loop, bench->pusher, bench->spool);
    }
    struct store_options store = {.loop = bench->loop,
                                  .pusher = bench->pusher,
                                  .spool = bench->spool,
                                  .replay = bench->replay};
    bench->store = store_new(&store);
}

static void close_bench(struct bench *bench)
{
    redis_free(bench->redis);
    store_free(bench->store);
    replay_free(bench->replay);
    spool_free(bench->spool);
    pusher_free(bench->pusher);
    redis_url_clear(&bench->url);
    redis_server_stop(bench->server);
    loop_free(bench->loop);
    cr_expect_eq(bench->answered, bench->next, "each one is answered once");
    for (unsigned i = 0; i < bench->next; i++)
        free(bench->envelopes[i]);
    temp_dir_remove(bench->directory);
}

/* Numbers from 0 to before `count`, each once, in their order. */
static void expect_in_redis(struct bench *bench, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        redisReply *reply = redis_server_command(bench->server, "RPOP t:callbacks");
        cr_assert_eq(reply->type, REDIS_REPLY_STRING, "%u is missing", n);
        cr_expect_eq(strtoul(reply->str, NULL, 10), n, "%s instead of %u", reply->str, n);
        freeReplyObject(reply);
    }
    cr_expect_eq(redis_server_integer(bench->server, "LLEN t:callbacks"), 0);
}

static void wait_replayed(struct bench *bench)
{
    for (int64_t waited = 0; waited < SOON_MS && spool_records(bench->spool) > 0; waited += 5)
        wait_ms(bench->loop, 5);
    cr_expect_eq(spool_records(bench->spool), 0);
}

Test(store, newer_callbacks_wait_behind_those_of_the_spool)
{
    struct bench bench;

    open_bench(&bench, true);
    put(&bench, MANY); /* before Redis is up */
    spool_flush(bench.spool);
    cr_expect_eq(bench.in_spool, MANY);
    bench.puts_when_up = 10; /* one batch is on its way then, the others are not */
    cr_assert(wait_for_count(bench.loop, &bench.answered, MANY + 10, SOON_MS));
    cr_expect_eq(bench.in_spool, MANY + 10);
    wait_replayed(&bench);
    cr_expect_eq(replay_total(bench.replay), MANY + 10);
    expect_in_redis(&bench, MANY + 10);
    close_bench(&bench);
}

Test(store, newer_callbacks_follow_what_is_on_its_way)
{
    struct bench bench;

    open_bench(&bench, true);
    put(&bench, 10);
    spool_flush(bench.spool);
    bench.puts_when_up = 10;
    cr_assert(wait_for_count(bench.loop, &bench.answered, 20, SOON_MS));
    cr_expect_eq(bench.in_redis, 10);
    wait_replayed(&bench);
    expect_in_redis(&bench, 20);
    put(&bench, 1);
    cr_assert(wait_for_count(bench.loop, &bench.answered, 21, SOON_MS));
    cr_expect_eq(bench.in_redis, 11, "without a detour when nothing waits");
    close_bench(&bench);
}

Test(store, what_redis_refuses_goes_to_the_spool)
{
    struct bench bench;

    open_bench(&bench, true);
    cr_assert(wait_for_count(bench.loop, &bench.ups, 1, SOON_MS));
    freeReplyObject(redis_server_command(bench.server, "SET t:callbacks x"));
    put(&bench, MANY);
    cr_assert(wait_for_count(bench.loop, &bench.in_spool, MANY, SOON_MS));
    wait_ms(bench.loop, 1000);
    redisReply *stats = redis_server_command(bench.server, "INFO commandstats");
    long failed = strtol(strstr(strstr(stats->str, "cmdstat_lpush:"), "failed_calls=") +
                             strlen("failed_calls="),
                         NULL, 10);
    freeReplyObject(stats);
    cr_expect(failed > MANY && failed < MANY + 10, "few tries, further and further apart: %ld",
              failed);
    freeReplyObject(redis_server_command(bench.server, "DEL t:callbacks"));
    wait_replayed(&bench);
    expect_in_redis(&bench, MANY);
    close_bench(&bench);
}

Test(store, what_is_lost_on_its_way_goes_to_the_spool)
{
    struct bench bench;

    open_bench(&bench, true);
    cr_assert(wait_for_count(bench.loop, &bench.ups, 1, SOON_MS));
    redis_server_pause(bench.server);
    put(&bench, 10);
    wait_ms(bench.loop, 20);
    redis_server_kill(bench.server);
    cr_assert(wait_for_count(bench.loop, &bench.in_spool, 10, SOON_MS));
    redis_server_restart(bench.server);
    wait_replayed(&bench);
    expect_in_redis(&bench, 10);
    close_bench(&bench);
}

/* At the end of the process: what Redis has not acknowledged is on the disk. */
Test(store, the_end_sends_what_is_on_its_way_to_the_spool)
{
    struct bench bench;

    open_bench(&bench, true);
    cr_assert(wait_for_count(bench.loop, &bench.ups, 1, SOON_MS));
    redis_server_pause(bench.server);
    put(&bench, 10);
    char *directory = bench.directory;
    bench.directory = NULL;
    close_bench(&bench);
    cr_expect_eq(bench.in_spool, 10);
    cr_expect_eq(temp_dir_count(directory, ".spool"), 1);
    temp_dir_remove(directory);
}

Test(store, holds_without_a_spool)
{
    struct bench bench;

    open_bench(&bench, false);
    put(&bench, 10); /* before Redis is up */
    cr_assert(wait_for_count(bench.loop, &bench.in_redis, 10, SOON_MS));
    freeReplyObject(redis_server_command(bench.server, "RENAME t:callbacks kept"));
    freeReplyObject(redis_server_command(bench.server, "SET t:callbacks x"));
    put(&bench, 10);
    wait_ms(bench.loop, 200);
    cr_expect_eq(bench.answered, 10);
    freeReplyObject(redis_server_command(bench.server, "RENAME kept t:callbacks"));
    cr_assert(wait_for_count(bench.loop, &bench.in_redis, 20, SOON_MS), "when it is accepted");
    expect_in_redis(&bench, 20);
    redis_server_kill(bench.server);
    put(&bench, 5);
    cr_assert(wait_for_count(bench.loop, &bench.nowhere, 5, SOON_MS));
    put(&bench, 5);
    close_bench(&bench);
    cr_expect_eq(bench.nowhere, 10, "also at the end of the process");
}
