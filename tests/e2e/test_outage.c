/* VideoDB is away for a while, for many tasks and several workers: nothing is lost by it. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    TASKS = 150,
    WORKERS = 3,
    CONCURRENCY = 4,
    BREAKER = 3,
    JOB_TIMEOUT_MS = 2000,
    LOOK_AGAIN_MS = 20,
    PROBES = 5, /* that each worker is waited for */
    /* Calls under way when a breaker opens, those that were claimed by then, the failures that it
     * took, and probes: their pauses double, so that there are few of them however long it lasts.
     */
    CALLS_PER_WORKER = 2 * CONCURRENCY + BREAKER + 12
};

static struct pipeline pipeline;

static const struct {
    const char *fault; /* "": nobody listens */
    const char *log, *event;
    unsigned lost; /* attempts per worker: failures before the breaker opens */
} outages[] = {
    {"", "api-down", "postponed", 0},
    {"any:500=1", "api-down status=500", "postponed", BREAKER - 1},
    {"any:503=1", "api-down status=503", "postponed", BREAKER - 1},
    {"any:401=1", "api-blocked status=401", "blocked", 0},
    {"any:402=1", "api-blocked status=402", "blocked", 0},
};

static const struct pipeline_options options = {
    .workers = WORKERS,
    .worker = LIST("REELQ_CONCURRENCY=4", "REELQ_BREAKER=3", "REELQ_PROBE_INTERVAL=100ms",
                   "REELQ_LEASE=2s", "REELQ_CALLBACK_TIMEOUT=300ms", "REELQ_JOB_TIMEOUT=2s")};

/* Every other one has a single attempt. */
static void submit(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\",\"index\":[]%s}", i, i,
                        i % 2 == 0 ? ",\"max_attempts\":1" : "");
}

static void begin(const char *fault)
{
    if (fault[0] == '\0')
        pipeline_sandbox_stop(&pipeline);
    else
        pipeline_faults(&pipeline, fault);
}

static void end(const char *fault, const char *address)
{
    if (fault[0] == '\0')
        pipeline_sandbox_start(&pipeline, address);
    else
        pipeline_faults(&pipeline, "");
}

/* Attempts of all ready tasks together. */
static unsigned attempts(unsigned count)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "t%u", i);
        const char *ready = pipeline_await(&pipeline, "ready", id);
        unsigned own = (unsigned)strtoul(strstr(ready, "\"attempts\":") + 11, NULL, 10);
        cr_expect(i % 2 != 0 || own == 1, "%s: %u attempts of one", id, own);
        sum += own;
    }
    return sum;
}

static void last_long_enough(const char *log, const char *event)
{
    for (unsigned i = 0; i < WORKERS; i++)
        cr_assert(process_wait_log(pipeline.workers[i], log, 1, PIPELINE_WAIT_MS), "worker %u", i);
    (void)pipeline_await_nth(&pipeline, event, NULL, WORKERS * PROBES);
}

Test(outage, a_queue_survives_it)
{
    for (size_t i = 0; i < COUNT(outages); i++) {
        pipeline_start(&pipeline, &options);
        char *address = slice_copy(slice_text(pipeline.sandbox_address));
        begin(outages[i].fault);
        submit(TASKS);
        last_long_enough(outages[i].log, outages[i].event);
        unsigned asked =
            outages[i].fault[0] == '\0' ? 0 : pipeline_asked(&pipeline, "/upload", NULL);
        cr_expect_leq(asked, WORKERS * CALLS_PER_WORKER, "%s: %u requests", outages[i].log, asked);
        unsigned tried = witness_events(pipeline.witness, NULL, NULL);
        cr_expect_leq(tried, WORKERS * CALLS_PER_WORKER, "%s: %u tries", outages[i].log, tried);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, NULL), 0, "%s", outages[i].log);
        end(outages[i].fault, address);
        unsigned spent = attempts(TASKS);
        cr_expect_leq(spent, TASKS + WORKERS * outages[i].lost, "%s: %u attempts", outages[i].log,
                      spent);
        cr_expect_eq(witness_messages(pipeline.witness, "failed", NULL), 0);
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), TASKS);
        cr_log_info("%s: %u requests meanwhile, %u attempts for %u tasks", outages[i].log, asked,
                    spent, (unsigned)TASKS);
        free(address);
        pipeline_stop(&pipeline);
    }
}

/* Until the job of every one of them is past its deadline (REELQ_JOB_TIMEOUT). */
static void await_overdue(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "t%u", i);
        char *since = pipeline_record(&pipeline, id, "since");
        while (redis_server_integer(pipeline.redis, "EVAL %s 0 %s",
                                    "return redis.call('TIME')[1] * 1000 - ARGV[1]",
                                    since) < JOB_TIMEOUT_MS + 1000)
            (void)poll(NULL, 0, LOOK_AGAIN_MS);
        free(since);
    }
}

/* What is with VideoDB already is asked about in vain, past the job's deadline, and not given up.
 */
Test(outage, questions_wait_too)
{
    enum { AWAITING = 10 };
    static const char *const faults[] = {"any:500=1", "any:401=1"};

    for (size_t i = 0; i < COUNT(faults); i++) {
        pipeline_start(&pipeline, &options);
        pipeline_faults(&pipeline, "callback:lost=1 async:500=1");
        submit(AWAITING);
        (void)pipeline_await_nth(&pipeline, "accepted", NULL, AWAITING);
        pipeline_faults(&pipeline, faults[i]);
        await_overdue(AWAITING);
        unsigned before = pipeline_asked(&pipeline, "/async-response/", NULL);
        pipeline_await_asked(&pipeline, "/async-response/", NULL, before + 2);
        unsigned asked = pipeline_asked(&pipeline, "\"GET\"", NULL);
        cr_expect_leq(asked, WORKERS * CALLS_PER_WORKER, "%s: %u questions", faults[i], asked);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, NULL), 0, "%s", faults[i]);
        pipeline_faults(&pipeline, "");
        cr_expect_eq(attempts(AWAITING), AWAITING, "%s", faults[i]);
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), AWAITING);
        pipeline_stop(&pipeline);
    }
}

/* A task that makes the API fail is told from an API that fails: the others get through. */
Test(outage, one_task_alone_fails)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "upload:500=x2");
    pipeline_submit(&pipeline, "{\"id\":\"bad\",\"url\":\"https://e.com/b.mp4\",\"index\":[],"
                               "\"max_attempts\":1}");
    const char *failed = pipeline_await(&pipeline, "failed", "bad");
    pipeline_has("failed", failed, "\"attempts\":1");
    char *steps = witness_steps(pipeline.witness, "bad");
    cr_expect_str_eq(steps, "postponed failed");
    free(steps);
    pipeline_stop(&pipeline);
}
