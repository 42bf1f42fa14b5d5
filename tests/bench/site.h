/* site - a deployment to be measured: Redis, the sandbox, a webhook, workers, on sockets of their
 * own. What cannot be done ends the run with a line that says why; all processes end with it. */
#ifndef REELQ_BENCH_SITE_H
#define REELQ_BENCH_SITE_H

#include <stdbool.h>

#include "support/process.h"
#include "support/redis_server.h"

enum { SITE_MAX_WORKERS = 16 };

struct site_options {
    unsigned workers;
    const char *api;                    /* base URL; NULL: a sandbox of its own */
    const char *const *sandbox_options; /* more of them, ended by NULL; may be NULL */
    const char *const *worker_settings; /* likewise; "NAME=value" */
    const char *const *worker_tool;     /* words before the program's, the first one a path: it */
    const char *const *webhook_tool;    /* becomes the program, and keeps its id; may be NULL */
    bool admin;                         /* the webhook has its admin listener */
    bool aof;                           /* appendonly yes, everysec */
    unsigned redis_delay_ms;            /* of each direction between the programs and Redis */
};

struct site {
    struct site_options options;
    struct redis_server *redis;
    struct process *sandbox, *webhook, *workers[SITE_MAX_WORKERS], *delay;
    unsigned worker_count;
    char *sandbox_address, *redis_url;
    const char *webhook_address; /* HOST:PORT */
};

/* The webhook signs with this. */
#define SITE_SECRET "the-secret-of-the-benchmark"

/* Sandbox options: VideoDB is quick, so that what is measured is ours. */
extern const char *const site_quick_api[];

/* Starts all, and returns when all are connected. What the options point to is borrowed. */
struct site *site_new(const struct site_options *options);
void site_free(struct site *site);

/* One more worker; returns when it is connected. */
void site_add_worker(struct site *site);

/* Ends workers and webhook as an operator does, and returns when they are gone. One that does not
 * end well ends the run. */
void site_stop_programs(struct site *site);

/* Processor time so far, in nanoseconds. */
struct site_cost {
    double workers, webhook, redis;
};
struct site_cost site_cost(const struct site *site);

/* What was used since `before`, in microseconds per each of `count`. */
struct site_cost site_cost_of_each(const struct site *site, const struct site_cost *before,
                                   unsigned count);
double site_cost_sum(const struct site_cost *cost);

/* Private memory of workers and webhook, in MiB. */
double site_memory(const struct site *site);

#endif
