/* What a video costs while many others wait. */
#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "bench/bench.h"
#include "bench/site.h"
#include "bench/submitter.h"

enum { WARM_UP = 1000, VIDEOS = 10000, CROWD = 100000 };

/* `queued` tasks more than are taken stand behind those that are measured. */
static double cost_with(const struct bench *bench, unsigned queued, const char *crowded)
{
    unsigned count = bench_count(bench, VIDEOS);
    struct site *site = site_new(&(struct site_options){.sandbox_options = site_quick_api});
    struct submitter *submitter = submitter_new(redis_server_path(site->redis));

    /* Entries that are due far in the future: only the size of the set is of interest. */
    for (unsigned i = 0; crowded != NULL && i < bench_count(bench, CROWD); i++)
        (void)redis_server_integer(site->redis, "ZADD %s 99999999999999 crowd-%u", crowded, i);
    submitter_push(submitter, queued + WARM_UP + count, submitter_video, NULL);
    site_add_worker(site);
    submitter_follow(submitter, WARM_UP, NULL, NULL);
    struct site_cost before = site_cost(site);
    submitter_follow(submitter, count, NULL, NULL);
    struct site_cost cost = site_cost_of_each(site, &before, count);
    submitter_free(submitter);
    site_free(site);
    return site_cost_sum(&cost);
}

void measure_depth(struct bench *bench)
{
    const struct {
        unsigned queued;
        const char *crowded;
        enum board_figure figure;
    } rows[] = {
        {1000, NULL, FIGURE_depth_1k},
        {bench_count(bench, 100000), NULL, FIGURE_depth_100k},
        {bench_count(bench, 1000000), NULL, FIGURE_depth_1m},
        {1000, "reelq:awaiting", FIGURE_depth_awaiting},
        {1000, "reelq:delayed", FIGURE_depth_delayed},
    };
    double first = 0, dearest = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double cost = cost_with(bench, rows[i].queued, rows[i].crowded);
        board_add(bench->board, rows[i].figure, cost);
        first = i == 0 ? cost : first;
        dearest = cost > dearest ? cost : dearest;
    }
    board_add(bench->board, FIGURE_depth_growth, 100 * (dearest / first - 1));
}
