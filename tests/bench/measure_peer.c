/* What users would pick instead, under the load that ours get, over the same kind of Redis. */
#include "bench/measure_peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/load.h"
#include "bench/submitter.h"
#include "support/redis_server.h"
#include "support/sandbox_client.h"

/* As many first, which do not count: compilers at run time need them to come to rest. */
enum { WARM_UP = 5000, EVENTS = 20000 };

struct stand {
    const struct peer *peer;
    struct redis_server *redis;
    struct process *process;
    bool stores; /* in Redis */
};

struct sample {
    int64_t process_ns, redis_ns, now_ns;
};

static struct sample take_sample(const struct stand *stand)
{
    return (struct sample){account_cpu_ns(process_pid(stand->process)),
                           account_cpu_ns(redis_server_pid(stand->redis)), account_now_ns()};
}

static void add_figures(struct board *board, const struct stand *stand, const struct sample *before,
                        unsigned count)
{
    struct sample now = take_sample(stand);
    const struct peer *peer = stand->peer;
    double each = 1000.0 * count;

    board_add(board, peer->process, (double)(now.process_ns - before->process_ns) / each);
    if (stand->stores)
        board_add(board, peer->redis, (double)(now.redis_ns - before->redis_ns) / each);
    board_add(board, peer->rate, count * 1e9 / (double)(now.now_ns - before->now_ns));
    board_add(board, peer->memory,
              (double)account_private_bytes(process_pid(stand->process)) / (1 << 20));
}

/* --- callbacks -------------------------------------------------------------------------------- */

static void post(const char *address, unsigned count)
{
    struct load_requests requests = load_callbacks(address, count);

    load_run(address, &requests, LOAD_CONNECTIONS);
    load_requests_clear(&requests);
}

static void check_stored(const struct stand *stand, long long wanted)
{
    long long stored = redis_server_integer(stand->redis, "LLEN reelq:callbacks");

    if (stored != wanted) {
        (void)fprintf(stderr, "%s: %lld of %lld callbacks are in Redis\n", stand->peer->name,
                      stored, wanted);
        abort();
    }
}

static void measure(struct bench *bench, const struct peer *peer, bool stores)
{
    struct stand stand = {peer, redis_server_start(), NULL, stores};
    unsigned count = bench_count(bench, EVENTS);
    char *address;

    stand.process = peer_serve(bench, peer, redis_server_path(stand.redis), &address);
    post(address, WARM_UP);
    struct load_requests requests = load_callbacks(address, count);
    struct sample before = take_sample(&stand);
    load_run(address, &requests, LOAD_CONNECTIONS);
    add_figures(bench->board, &stand, &before, count);
    if (stores)
        check_stored(&stand, WARM_UP + count);
    load_requests_clear(&requests);
    process_free(stand.process);
    redis_server_stop(stand.redis);
    free(address);
}

void measure_peer_callbacks(struct bench *bench, const struct peer *peer)
{
    measure(bench, peer, true);
}

void measure_peer_answers(struct bench *bench, const struct peer *peer)
{
    measure(bench, peer, false);
}

/* --- jobs ------------------------------------------------------------------------------------- */

static void add_jobs(struct bench *bench, const struct stand *stand, unsigned count)
{
    char *word = xasprintf("%u", count);
    struct process *process = peer_start(
        bench, stand->peer, (const char *[]){"add", word, redis_server_path(stand->redis), NULL});

    if (process_wait(process) != 0) {
        (void)fprintf(stderr, "%s%s: cannot queue jobs; its log stands above\n",
                      process_log(process), stand->peer->name);
        abort();
    }
    process_free(process);
    free(word);
}

static void add_waiting(struct bench *bench, const struct stand *stand, unsigned count)
{
    struct buffer item = BUFFER(1024);
    double before = account_redis_bytes(stand->redis);

    submitter_video(&item, 0, NULL);
    add_jobs(bench, stand, count);
    board_add(bench->board, stand->peer->waiting,
              (account_redis_bytes(stand->redis) - before) / count - (double)item.length);
    buffer_clear(&item);
}

/* Both samples are taken while it works, so what queueing costs is not part of it. */
static void follow(struct bench *bench, const struct stand *stand, struct submitter *submitter,
                   unsigned count)
{
    submitter_follow(submitter, WARM_UP, NULL, NULL);
    struct sample before = take_sample(stand);
    submitter_follow(submitter, count, NULL, NULL);
    add_figures(bench->board, stand, &before, count);
}

void measure_peer_jobs(struct bench *bench, const struct peer *peer)
{
    static const char *const options[] = {"--listen", "127.0.0.1:0", NULL};
    struct stand stand = {peer, redis_server_start(), NULL, true};
    const char *path = redis_server_path(stand.redis);
    unsigned count = bench_count(bench, EVENTS);
    char *api;
    struct process *sandbox = sandbox_client_start(REELQ_BIN_DIR "/reelq-sandbox", options, &api);

    add_waiting(bench, &stand, WARM_UP + count);
    struct submitter *submitter = submitter_new(path);
    stand.process = peer_start(bench, peer, (const char *[]){"work", api, path, NULL});
    follow(bench, &stand, submitter, count);
    submitter_free(submitter);
    process_free(stand.process);
    process_free(sandbox);
    redis_server_stop(stand.redis);
    free(api);
}
