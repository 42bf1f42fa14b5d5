/* The webhook alone: genuine callbacks, each stored in Redis before it is answered. No worker takes
 * them away. */
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/bench.h"
#include "bench/load.h"
#include "bench/site.h"
#include "support/raw_http.h"

enum { CALLBACKS = 30000, IDLE = 2000 };

_Static_assert(CALLBACKS / LOAD_CONNECTIONS < 950, "a connection is closed after 1,000 requests");

static void measure_cost(struct bench *bench, const struct site *site)
{
    unsigned count = bench_count(bench, CALLBACKS), rounds = bench->quick ? 1 : 4;
    struct load_requests warm = load_callbacks(site->webhook_address, LOAD_CONNECTIONS);
    struct load_requests requests = load_callbacks(site->webhook_address, count);

    load_run(site->webhook_address, &warm, LOAD_CONNECTIONS);
    struct site_cost before = site_cost(site);
    int64_t begin = account_now_ns();
    for (unsigned i = 0; i < rounds; i++)
        load_run(site->webhook_address, &requests, LOAD_CONNECTIONS);
    double seconds = (double)(account_now_ns() - begin) / 1e9;
    struct site_cost cost = site_cost_of_each(site, &before, count * rounds);
    board_add(bench->board, FIGURE_webhook_cpu, cost.webhook);
    board_add(bench->board, FIGURE_webhook_redis, cost.redis);
    board_add(bench->board, FIGURE_webhook_rate, count * rounds / seconds);
    load_requests_clear(&warm);
    load_requests_clear(&requests);
}

/* Connections that have had an answer and wait for more. */
static void measure_connections(struct bench *bench, const struct site *site)
{
    pid_t pid = process_pid(site->webhook);
    unsigned count = bench_count(bench, IDLE);
    int *lines = xcalloc(count, sizeof(*lines));
    struct load_requests one = load_callbacks(site->webhook_address, 1);
    int64_t before = account_private_bytes(pid);

    for (unsigned i = 0; i < count; i++)
        lines[i] = raw_http_send(site->webhook_address, buffer_text(&one.bytes));
    for (unsigned i = 0; i < count; i++) {
        char byte;
        if (read(lines[i], &byte, 1) != 1)
            abort();
    }
    board_add(bench->board, FIGURE_webhook_idle,
              (double)(account_private_bytes(pid) - before) / 1024 / count);
    for (unsigned i = 0; i < count; i++)
        (void)close(lines[i]);
    free(lines);
    load_requests_clear(&one);
}

static struct site *open_site(void)
{
    return site_new(&(struct site_options){.api = "http://127.0.0.1:9"});
}

void measure_webhook(struct bench *bench)
{
    struct site *site = open_site();

    measure_cost(bench, site);
    board_add(bench->board, FIGURE_webhook_memory, site_memory(site));
    site_free(site);
    site = open_site(); // what was freed is not given back, so connections would seem to cost less
    measure_connections(bench, site);
    site_free(site);
}
