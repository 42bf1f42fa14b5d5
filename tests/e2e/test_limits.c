/* VideoDB takes only so many requests a second, or so many jobs at once. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

/* --- so many requests a second ---------------------------------------------------------------- */

enum { TASKS = 120 };

static void submit(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\",\"index\":[]}",
                        i, i);
}

static void expect_all_ready(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "t%u", i);
        pipeline_has(id, pipeline_await(&pipeline, "ready", id), "\"attempts\":1,");
    }
    cr_expect_eq(witness_messages(pipeline.witness, "failed", NULL), 0);
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), count);
}

/* Three workers with 16 calls each rush in at first; from then on few are refused. */
static const struct {
    const char *fault, *worker;
} limiters[] = {{"any:limit(20)=1", "REELQ_RETRY_BASE=20ms"},
                {"any:limit-mute(20)=1", "REELQ_RETRY_BASE=1s"},
                {"any:limit-mute(20)=1", "REELQ_RETRY_BASE=20ms"}};

Test(limits, requests_a_second)
{
    enum { RUSH = 3 * 16 };

    for (size_t i = 0; i < COUNT(limiters); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){.workers = 3,
                                                             .worker = LIST(limiters[i].worker)});
        pipeline_faults(&pipeline, limiters[i].fault);
        submit(TASKS);
        expect_all_ready(TASKS);
        unsigned refused = witness_events(pipeline.witness, "rate_limited", NULL);
        cr_expect_gt(refused, 0, "%s is no limit", limiters[i].fault);
        cr_expect_leq(refused, RUSH + TASKS / 4, "%s: %u of %u were refused", limiters[i].fault,
                      refused, refused + TASKS);
        cr_log_info("%s, %s: %u of %u were refused", limiters[i].fault, limiters[i].worker, refused,
                    refused + TASKS);
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}

/* --- so many jobs at once --------------------------------------------------------------------- */

static unsigned peak(void)
{
    const char *state = pipeline_get(&pipeline, "/_sandbox/state");
    const char *at = strstr(state, "\"peak\":");

    cr_assert_not_null(at, "%s", state);
    return (unsigned)strtoul(at + 7, NULL, 10);
}

/* Callbacks get lost, downloads fail, a worker is killed: VideoDB never has more than the limit. */
Test(limits, jobs_at_once)
{
    enum { LIMIT = 4, VIDEOS = 30 };

    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .workers = 3,
                       .worker = LIST("REELQ_MAX_AWAITING=4", "REELQ_CALLBACK_TIMEOUT=20ms",
                                      "REELQ_LEASE=1s", "REELQ_CONCURRENCY=4",
                                      "REELQ_UNKNOWN_GRACE=3s", "REELQ_POLL_INTERVAL=20ms"),
                       .sandbox = LIST("--upload-time", "300", "--index-time", "300")});
    pipeline_faults(&pipeline, "callback:lost=1");
    for (unsigned i = 0; i < VIDEOS; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%u\",\"url\":\"https://e.com/%u/%s.mp4\"}", i, i,
                        i % 3 == 0 ? "download-flaky-1" : "a");
    (void)pipeline_await_nth(&pipeline, "ready", NULL, VIDEOS / 3);
    process_signal(pipeline.workers[0], SIGKILL);
    (void)process_wait(pipeline.workers[0]);
    for (unsigned i = 0; i < VIDEOS; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "t%u", i);
        (void)pipeline_await(&pipeline, "ready", id);
    }
    cr_expect_leq(peak(), LIMIT, "%u at once", peak());
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL), VIDEOS);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}
