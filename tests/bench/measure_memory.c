/* What a worker holds while it calls, and what a task holds in Redis. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/account.h"
#include "bench/bench.h"
#include "bench/site.h"
#include "bench/submitter.h"

enum { IN_FLIGHT = 16, QUEUED = 100000, AWAITING = 10000, LOOK_AGAIN_MS = 20, ROUNDS = 3000 };

static const char *const hanging_api[] = {"--fault", "upload:hang=1", NULL};
static const char *const silent_api[] = {"--fault", "callback:lost=1", "--upload-time", "20", NULL};

static void await_count(const struct site *site, const char *command, long long wanted)
{
    for (unsigned i = 0; redis_server_integer(site->redis, command) != wanted; i++) {
        if (i == ROUNDS) {
            (void)fprintf(stderr, "memory: %s does not come to %lld\n", command, wanted);
            abort();
        }
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

static void measure_worker(struct bench *bench)
{
    struct site *site =
        site_new(&(struct site_options){.workers = 1, .sandbox_options = hanging_api});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));

    submitter_push(submitter, IN_FLIGHT, submitter_video, NULL);
    await_count(site, "ZCARD reelq:running", IN_FLIGHT);
    board_add(bench->board, FIGURE_worker_memory,
              (double)account_private_bytes(process_pid(site->workers[0])) / (1 << 20));
    submitter_free(submitter);
    site_free(site);
}

static void measure_queued(struct bench *bench)
{
    unsigned count = bench_count(bench, QUEUED);
    struct site *site = site_new(&(struct site_options){.workers = 0});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));
    struct buffer item = BUFFER(1024);

    submitter_video(&item, 0, NULL);
    double before = account_redis_bytes(site->redis);
    submitter_push(submitter, count, submitter_video, NULL);
    board_add(bench->board, FIGURE_queued_bytes,
              (account_redis_bytes(site->redis) - before) / count - (double)item.length);
    buffer_clear(&item);
    submitter_free(submitter);
    site_free(site);
}

/* What Redis holds for each of `count` tasks. The stream of events is capped, so it is no part. */
static double bytes_of_each(const struct site *site, double before, unsigned count)
{
    long long events = redis_server_integer(site->redis, "MEMORY USAGE reelq:events SAMPLES 0");

    return (account_redis_bytes(site->redis) - before - (double)events) / count;
}

static void measure_awaiting(struct bench *bench)
{
    unsigned count = bench_count(bench, AWAITING);
    struct site *site =
        site_new(&(struct site_options){.workers = 1, .sandbox_options = silent_api});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));
    double before = account_redis_bytes(site->redis);

    submitter_push(submitter, count, submitter_video, NULL);
    await_count(site, "ZCARD reelq:awaiting", count);
    board_add(bench->board, FIGURE_awaiting_bytes, bytes_of_each(site, before, count));
    submitter_free(submitter);
    site_free(site);
}

static void measure_ready(struct bench *bench)
{
    unsigned count = bench_count(bench, AWAITING);
    struct site *site =
        site_new(&(struct site_options){.workers = 1, .sandbox_options = site_quick_api});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));
    double before = account_redis_bytes(site->redis);

    submitter_push(submitter, count, submitter_video, NULL);
    submitter_follow(submitter, count, NULL, NULL);
    board_add(bench->board, FIGURE_ready_bytes, bytes_of_each(site, before, count));
    submitter_free(submitter);
    site_free(site);
}

void measure_memory(struct bench *bench)
{
    measure_worker(bench);
    measure_queued(bench);
    measure_awaiting(bench);
    measure_ready(bench);
}
