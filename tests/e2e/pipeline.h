/* pipeline - a private Redis, the sandbox, the webhook and the workers, wired for one test.
 * Every wait is for an event and has a deadline; what does not come fails the running test, with
 * the stream and the workers' logs on standard error. */
#ifndef REELQ_E2E_PIPELINE_H
#define REELQ_E2E_PIPELINE_H

#include "base/buffer.h"
#include "e2e/witness.h"
#include "support/process.h"
#include "support/redis_server.h"

enum { PIPELINE_WORKERS = 4, PIPELINE_WAIT_MS = 20000 };

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

struct pipeline_options {
    const char *const *worker;  /* more of its environment, before the short default times */
    const char *const *sandbox; /* more of its arguments */
    const char *const *redis;   /* more of its options */
    unsigned workers;           /* started at once; 0: one */
    bool poll;                  /* no REELQ_PUBLIC_URL */
    bool restarts;              /* of Redis: what was published meanwhile is not heard */
    bool idle;                  /* no worker at first: pipeline_worker() starts it */
    bool users;                 /* everybody comes as their user of deploy/redis.acl */
    const char *redis_url;      /* by which the programs come; NULL: the socket */
    const char *const *webhook; /* more of its environment */
    bool agreed;                /* no REELQ_CALLBACK_SECRET: the programs agree on one */
};

struct pipeline {
    struct pipeline_options options;
    struct redis_server *redis;
    struct process *sandbox, *webhook, *workers[PIPELINE_WORKERS];
    unsigned worker_count;
    char *sandbox_address, *webhook_address;
    int sandbox_holder; /* bound to the sandbox's port, which is its own while it does not run */
    struct witness *witness;
    struct redisContext *submitter; /* NULL until it is needed */
    struct buffer answer;           /* of the last HTTP call */
};

void pipeline_start(struct pipeline *pipeline, const struct pipeline_options *options);

/* Ends all by SIGTERM; expects that they exit with 0, that channels and stream agree, that each
 * list and set of unfinished work is empty, and that no log shows a signature. */
void pipeline_stop(struct pipeline *pipeline);

/* Starts one more worker. */
struct process *pipeline_worker(struct pipeline *pipeline);

/* LPUSH of one item, made like printf. */
__attribute__((format(printf, 2, 3))) void pipeline_submit(struct pipeline *pipeline,
                                                           const char *format, ...);

/* The JSON of the event (the nth from 1) of a task, valid until pipeline_stop(). */
const char *pipeline_await(struct pipeline *pipeline, const char *event, const char *id);
const char *pipeline_await_nth(struct pipeline *pipeline, const char *event, const char *id,
                               unsigned nth);

/* A line of the first worker's log that begins with `text`, for the `count`th time. */
void pipeline_await_log(struct pipeline *pipeline, const char *text, unsigned count);

/* What was claimed when Redis went comes back when its lease is over: until the sorted set `key`
 * is empty. */
void pipeline_await_empty(struct pipeline *pipeline, const char *key);

/* The text of a member of JSON, "" without; the caller frees it. */
char *pipeline_pick(const char *json, const char *key);

/* A field of the record, "" without; the caller frees it. */
char *pipeline_record(struct pipeline *pipeline, const char *id, const char *field);

/* Expects `part` in `text`; `what` names the case. */
void pipeline_has(const char *what, const char *text, const char *part);

#endif
