/* lane - what one line of runs uses again and again: a Redis, a sandbox, the proxy, an address for
 * the webhook. Each run empties Redis and the sandbox's journal before. */
#ifndef REELQ_FAULT_LANE_H
#define REELQ_FAULT_LANE_H

#include "base/buffer.h"
#include "support/process.h"
#include "support/redis_proxy.h"
#include "support/redis_server.h"

struct lane {
    struct redis_server *redis;
    struct redis_proxy *proxy;
    struct process *sandbox;
    char *api;                        /* HOST:PORT of the sandbox */
    char *hook;                       /* HOST:PORT that all webhooks of this lane listen at */
    int hook_fd;                      /* keeps that port ours; nobody listens on it */
    unsigned number;                  /* of the lane */
    unsigned run;                     /* of the run, from 1 */
    const struct lane_manner *manner; /* of the run */
    struct buffer answer;
};

void lane_open(struct lane *lane, unsigned number);
void lane_close(struct lane *lane);

/* How a run goes about. When workers get lost, leases are short, and half of the callbacks come
 * when the lease of a lost call has ended, so that it has become unknown. When none gets lost,
 * leases are long: nothing should need that they end but a claim whose answer was cut off. */
struct lane_manner {
    const char *lease;  /* of the workers */
    const char *faults; /* of the sandbox, a JSON array */
};

/* Begins a run: nothing is left of the one before. `manner` is kept until the next one. */
void lane_begin(struct lane *lane, const struct lane_manner *manner);

/* Starts a worker or a webhook that uses Redis at `redis_url`. */
struct process *lane_start_worker(struct lane *lane, const char *redis_url);
struct process *lane_start_webhook(struct lane *lane, const char *redis_url);

/* What the sandbox accepted in this run; valid until the next call. */
const char *lane_journal(struct lane *lane);

/* Has the sandbox finished every job, and delivered every callback or given it up? How many it has
 * given up, in all runs: it tries four times within 1.4 s. */
struct lane_api {
    bool quiet;
    int64_t given_up;
};
struct lane_api lane_look_at_api(struct lane *lane);

#endif
