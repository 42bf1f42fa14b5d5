/* The whole way of a video, many of them at once; and an index task of a video that is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/bench.h"
#include "bench/site.h"
#include "bench/submitter.h"

enum { WARM_UP = 500, VIDEOS = 20000, WORKERS = 2 };

static struct site *open_site(const struct site_options *options)
{
    struct site_options full = *options;

    full.workers = full.workers == 0 ? WORKERS : full.workers;
    full.sandbox_options = site_quick_api;
    return site_new(&full);
}

/* The part that INFO latencystats has of EVALSHA: "…_evalsha:p50=1.003,p99=3.007,p99.9=…". */
static double script_p99_us(const struct site *site)
{
    redisReply *reply = redis_server_command(site->redis, "INFO latencystats");
    const char *at = strstr(reply->str, "latency_percentiles_usec_evalsha:");

    at = at == NULL ? NULL : strstr(at, "p99=");
    double p99 = at == NULL ? 0 : strtod(at + strlen("p99="), NULL);
    freeReplyObject(reply);
    return p99;
}

struct run {
    struct site_cost cost;
    double rate, script_us, memory;
};

struct work {
    unsigned count;
    submitter_item_fn item;
    void *arg;
};

/* From the first push to the last message. */
static struct run follow(const struct site *site, struct submitter *submitter,
                         const struct work *work)
{
    struct site_cost before = site_cost(site);
    int64_t begin = account_now_ns();

    submitter_push(submitter, work->count, work->item, work->arg);
    submitter_follow(submitter, work->count, NULL, NULL);
    double seconds = (double)(account_now_ns() - begin) / 1e9;
    return (struct run){.cost = site_cost_of_each(site, &before, work->count),
                        .rate = work->count / seconds,
                        .script_us = script_p99_us(site),
                        .memory = site_memory(site)};
}

/* The first videos load scripts and open connections; they do not count. */
static struct run run(const struct site_options *options, unsigned count)
{
    struct site *site = open_site(options);
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));

    submitter_push(submitter, WARM_UP, submitter_video, NULL);
    submitter_follow(submitter, WARM_UP, NULL, NULL);
    struct run got = follow(site, submitter, &(struct work){count, submitter_video, NULL});
    submitter_free(submitter);
    site_free(site);
    return got;
}

void measure_video(struct bench *bench)
{
    struct run got = run(&(struct site_options){0}, bench_count(bench, VIDEOS));

    board_add(bench->board, FIGURE_video_cpu, site_cost_sum(&got.cost));
    board_add(bench->board, FIGURE_video_worker, got.cost.workers);
    board_add(bench->board, FIGURE_video_webhook, got.cost.webhook);
    board_add(bench->board, FIGURE_video_redis, got.cost.redis);
    board_add(bench->board, FIGURE_video_process, got.cost.workers + got.cost.webhook);
    board_add(bench->board, FIGURE_video_memory, got.memory);
    board_add(bench->board, FIGURE_video_rate, got.rate);
    board_add(bench->board, FIGURE_video_script, got.script_us);
}

static void measure_variant(struct bench *bench, const struct site_options *options,
                            enum board_figure cpu, enum board_figure rate)
{
    struct run got = run(options, bench_count(bench, VIDEOS));

    board_add(bench->board, cpu, site_cost_sum(&got.cost));
    if (rate != BOARD_FIGURES)
        board_add(bench->board, rate, got.rate);
}

void measure_video_aof(struct bench *bench)
{
    measure_variant(bench, &(struct site_options){.aof = true}, FIGURE_video_aof_cpu,
                    FIGURE_video_aof_rate);
}

void measure_video_far(struct bench *bench)
{
    measure_variant(bench, &(struct site_options){.redis_delay_ms = 1}, FIGURE_video_far_cpu,
                    FIGURE_video_far_rate);
}

void measure_scale(struct bench *bench)
{
    static const struct {
        unsigned workers;
        enum board_figure figure;
    } steps[] = {
        {1, FIGURE_scale_1}, {2, FIGURE_scale_2}, {4, FIGURE_scale_4}, {8, FIGURE_scale_8}};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        measure_variant(bench, &(struct site_options){.workers = steps[i].workers}, steps[i].figure,
                        BOARD_FIGURES);
    board_add(bench->board, FIGURE_scale_growth,
              100 * (board_median(bench->board, FIGURE_scale_8) /
                         board_median(bench->board, FIGURE_scale_1) -
                     1));
}

/* --- an index task ---------------------------------------------------------------------------- */

/* The ids of the videos, as the messages bring them. */
struct library {
    char (*ids)[64];
    unsigned count;
};

static void upload_only(struct buffer *out, unsigned number, void *arg)
{
    (void)arg;
    buffer_add_format(out, "{\"url\":\"https://example.com/videos/%07u.mp4\",\"index\":[]}",
                      number);
}

static void keep_id(struct slice message, void *arg)
{
    static const char mark[] = "\"video_id\":\"";
    struct library *library = arg;
    char *at = strstr(message.data, mark);

    if (at == NULL)
        abort();
    at += strlen(mark);
    (void)snprintf(library->ids[library->count++], sizeof(library->ids[0]), "%.*s",
                   (int)strcspn(at, "\""), at);
}

static void index_of(struct buffer *out, unsigned number, void *arg)
{
    const struct library *library = arg;
    buffer_add_format(out, "{\"type\":\"index\",\"video_id\":\"%s\",\"index\":\"spoken_words\"}",
                      library->ids[number]);
}

void measure_index(struct bench *bench)
{
    unsigned count = bench_count(bench, VIDEOS);
    struct site *site = open_site(&(struct site_options){0});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));
    struct library library = {.ids = xcalloc(count, sizeof(library.ids[0]))};

    submitter_push(submitter, count, upload_only, NULL);
    submitter_follow(submitter, count, keep_id, &library);
    struct run got = follow(site, submitter, &(struct work){count, index_of, &library});
    board_add(bench->board, FIGURE_index_cpu, site_cost_sum(&got.cost));
    board_add(bench->board, FIGURE_index_process, got.cost.workers + got.cost.webhook);
    board_add(bench->board, FIGURE_index_redis, got.cost.redis);
    board_add(bench->board, FIGURE_index_rate, got.rate);
    board_add(bench->board, FIGURE_index_memory, got.memory);
    free(library.ids);
    submitter_free(submitter);
    site_free(site);
}
