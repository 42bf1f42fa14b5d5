/* VideoDB takes only so many requests a second, or so many jobs at once. */
#include <criterion/criterion.h>
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
