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
    char *api;       /* HOST:PORT of the sandbox */
    char *hook;      /* HOST:PORT that all webhooks of this lane listen at */
    int hook_fd;     /* keeps that port ours; nobody listens on it */
    unsigned number; /* of the lane */
    unsigned run;    /* of the run, from 1 */
    struct buffer answer;
};

void lane_open(struct lane *lane, unsigned number);
void lane_close(struct lane *lane);

/* Begins a run: nothing is left of the one before. */
void lane_clear(struct lane *lane);

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
