/* What it costs that somebody watches the dashboard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "bench/bench.h"
#include "bench/site.h"
#include "support/raw_http.h"

enum { SECONDS = 20, STEP = 10000 };

/* As many as the page shows, and more, of everything; `queued` more of what there may be many. */
static const char filling[] =
    "local from, to = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
    "for i = from, to do\n"
    "  redis.call('LPUSH', 'reelq:tasks', '{\"url\":\"https://example.com/' .. i .. '.mp4\"}')\n"
    "  if i % 10 == 0 then\n"
    "    redis.call('ZADD', 'reelq:awaiting', 9e12 + i, 'a-' .. i)\n"
    "    redis.call('HSET', 'reelq:task:a-' .. i, 'kind', 'upload', 'attempt', '1', 'batch', 'b',\n"
    "      'submitted_at', '1700000000000', 'about', '\"url\":\"https://example.com/a.mp4\"')\n"
    "  end\n"
    "  if i <= 1000 then\n"
    "    local now = redis.call('TIME')[1] .. '000'\n"
    "    redis.call('ZADD', 'reelq:dead', i, 'd-' .. i)\n"
    "    redis.call('HSET', 'reelq:task:d-' .. i, 'state', 'failed', 'attempt', '3', 'failure',\n"
    "      '\"stage\":\"upload\",\"error\":\"Download failed.\",\"action\":\"Verify the URL.\"')\n"
    "    redis.call('ZADD', 'reelq:batches', i, 'b-' .. i)\n"
    "    redis.call('HSET', 'reelq:batch:b-' .. i, 'members', '10', 'ready', '5', 'failed', '1')\n"
    "    redis.call('ZADD', 'reelq:workers', now, 'w-' .. i)\n"
    "    redis.call('HSET', 'reelq:worker:w-' .. i, 'runs', '3', 'seen_at', now, 'memory', "
    "'5000000')\n"
    "  end\n"
    "end\n";

static void fill(struct redis_server *redis, unsigned queued)
{
    for (unsigned from = 1; from <= queued; from += STEP)
        freeReplyObject(redis_server_command(redis, "EVAL %s 0 %u %u", filling, from,
                                             from + STEP - 1 < queued ? from + STEP - 1 : queued));
}

/* Reads `count` events; what comes with them is not looked at. */
static void read_summaries(int fd, unsigned count)
{
    static char bytes[1 << 20];
    static const char mark[] = "event: summary";
    ssize_t length;

    while (count > 0 && (length = recv(fd, bytes, sizeof(bytes) - 1, 0)) > 0) {
        bytes[length] = '\0';
        for (const char *at = strstr(bytes, mark); at != NULL && count > 0;
             at = strstr(at + 1, mark))
            count--;
    }
    if (count > 0) {
        (void)fprintf(stderr, "dashboard: the events have ended\n");
        abort();
    }
}

/* Microseconds of each second, over those that pass anyway. */
static struct site_cost cost_of(struct site *site, unsigned seconds)
{
    struct site_cost before = site_cost(site);

    (void)process_wait_log(site->webhook, "there is no such line", 1, 1000 * (int64_t)seconds);
    struct site_cost alone = site_cost_of_each(site, &before, seconds);
    int fd = raw_http_send(process_address(site->webhook, "admin"),
                           "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    read_summaries(fd, 2);
    before = site_cost(site);
    read_summaries(fd, seconds);
    struct site_cost watched = site_cost_of_each(site, &before, seconds);
    (void)close(fd);
    return (struct site_cost){.webhook = watched.webhook - alone.webhook,
                              .redis = watched.redis - alone.redis};
}

static struct site_cost cost_with(const struct bench *bench, unsigned queued)
{
    struct site *site = site_new(&(struct site_options){.admin = true});

    fill(site->redis, queued);
    struct site_cost cost = cost_of(site, bench_count(bench, SECONDS));
    site_free(site);
    return cost;
}

void measure_dashboard(struct bench *bench)
{
    struct site_cost few = cost_with(bench, 1000);
    struct site_cost many = cost_with(bench, bench_count(bench, 1000000));

    board_add(bench->board, FIGURE_dashboard_1k, few.redis);
    board_add(bench->board, FIGURE_dashboard_1m, many.redis);
    board_add(bench->board, FIGURE_dashboard_webhook, many.webhook);
}
