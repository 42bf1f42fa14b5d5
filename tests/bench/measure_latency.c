/* One task at a time through an idle pipeline: how long until the next call goes out. */
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/bench.h"
#include "bench/site.h"
#include "bench/stage.h"
#include "bench/submitter.h"

/* Each task is left alone a little, so that every process sleeps when the next thing happens. */
enum { TASKS = 1000, REST_MS = 5, ID_MAX = 32 };

struct samples {
    double *us;
    unsigned count;
};

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The value that `percent` of them are not over. Sorts. */
static double percentile(struct samples *samples, double percent)
{
    qsort(samples->us, samples->count, sizeof(samples->us[0]), by_size);
    unsigned at = (unsigned)(percent / 100 * samples->count);
    return samples->us[at < samples->count ? at : samples->count - 1];
}

static void add(struct samples *samples, int64_t begin_ns, int64_t end_ns)
{
    samples->us[samples->count++] = (double)(end_ns - begin_ns) / 1000;
}

struct route {
    struct stage *stage;
    struct submitter *submitter;
    struct samples start, next;
};

static void take_one(struct route *route, unsigned number)
{
    char uploaded[128];

    (void)snprintf(uploaded, sizeof(uploaded),
                   "{\"success\":true,\"data\":{\"id\":\"m-%u\",\"collection_id\":\"default\","
                   "\"length\":\"10\"}}",
                   number);
    int64_t pushed_ns = account_now_ns();
    submitter_push(route->submitter, 1, submitter_video, NULL);
    add(&route->start, pushed_ns, stage_await_call(route->stage));
    stage_rest(route->stage, REST_MS);
    int64_t sent_ns = stage_send_callback(route->stage, uploaded);
    add(&route->next, sent_ns, stage_await_call(route->stage));
    stage_rest(route->stage, REST_MS);
    (void)stage_send_callback(route->stage, "{\"success\":true}");
    submitter_follow(route->submitter, 1, NULL, NULL);
    stage_rest(route->stage, REST_MS);
}

void measure_latency(struct bench *bench)
{
    unsigned count = bench_count(bench, TASKS);
    struct route route = {.stage = stage_new(),
                          .start = {.us = xcalloc(count, sizeof(double))},
                          .next = {.us = xcalloc(count, sizeof(double))}};
    struct site *site =
        site_new(&(struct site_options){.workers = 1, .api = stage_url(route.stage)});

    route.submitter = submitter_new(redis_server_path(site->redis));
    for (unsigned i = 0; i < count; i++)
        take_one(&route, i);
    board_add(bench->board, FIGURE_start_p50, percentile(&route.start, 50));
    board_add(bench->board, FIGURE_start_p99, percentile(&route.start, 99));
    board_add(bench->board, FIGURE_next_p50, percentile(&route.next, 50));
    board_add(bench->board, FIGURE_next_p99, percentile(&route.next, 99));
    submitter_free(route.submitter);
    site_free(site);
    stage_free(route.stage);
    free(route.start.us);
    free(route.next.us);
}
