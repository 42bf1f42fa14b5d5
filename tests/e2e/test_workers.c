/* Several workers, some of which are killed, stopped or told to end; Redis is restarted. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

static struct pipeline pipeline;

static void submit(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\"}", i, i);
}

static void expect_ready_once(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *id = xasprintf("t%u", i);
        (void)pipeline_await(&pipeline, "ready", id);
        free(id);
    }
    for (unsigned i = 0; i < count; i++) {
        char *id = xasprintf("t%u", i);
        unsigned ends = witness_events(pipeline.witness, "ready", id) +
                        witness_events(pipeline.witness, "failed", id);
        cr_expect_eq(ends, 1, "%s ends %u times", id, ends);
        free(id);
    }
    unsigned uploads = pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL);
    cr_expect_eq(uploads, count, "%u uploads of %u videos", uploads, count);
    unsigned indexes = pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL);
    cr_expect_eq(indexes, count, "%u indexes of %u videos", indexes, count);
}

static void expect_end(unsigned worker, int wanted)
{
    int status = process_wait(pipeline.workers[worker]);
    cr_expect_eq(status, wanted, "worker %u ends with %d: %s", worker, status,
                 process_log(pipeline.workers[worker]));
}

Test(workers, two_share_the_work)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.workers = 2, .worker = LIST("REELQ_CONCURRENCY=2")});
    pipeline_faults(&pipeline, "any:latency(30)=1");
    submit(16);
    expect_ready_once(16);
    for (unsigned i = 0; i < 2; i++)
        pipeline_has("share", process_log(pipeline.workers[i]), "event=accepted");
    cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:workers"), 2);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

/* Where in a call the worker is when it dies. */
static const struct {
    const char *faults, *mark;
} moments[] = {
    {"upload:latency(300)=1", "/upload"},                      /* before the API has accepted it */
    {"upload:hang-after=x8 callback:late(500)=x8", "/upload"}, /* after */
    {"index:latency(300)=1", "\"index_type\""},
};

Test(workers, one_is_killed_in_the_middle_of_calls)
{
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){
                           .workers = 2,
                           .worker = LIST("REELQ_CONCURRENCY=4", "REELQ_LEASE=1s",
                                          "REELQ_API_TIMEOUT=2s", "REELQ_UNKNOWN_GRACE=3s")});
        pipeline_faults(&pipeline, moments[i].faults);
        submit(8);
        pipeline_await_asked(&pipeline, moments[i].mark, "\"POST\"", 8);
        process_signal(pipeline.workers[0], SIGKILL);
        expect_end(0, -SIGKILL);
        expect_ready_once(8);
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}

/* Workers die of a task one after the other: it is failed, with that word. */
Test(workers, a_crash_loop_ends)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_LEASE=500ms", "REELQ_API_TIMEOUT=20s",
                                                 "REELQ_UNKNOWN_GRACE=1s", "REELQ_MAX_ATTEMPTS=10"),
                                  .idle = true});
    pipeline_faults(&pipeline, "upload:hang=1");
    submit(1);
    for (unsigned i = 0; i < 3; i++) {
        struct process *worker = pipeline_worker(&pipeline);
        pipeline_await_asked(&pipeline, "/upload", "\"POST\"", i + 1);
        process_signal(worker, SIGKILL);
        expect_end(i, -SIGKILL);
    }
    (void)pipeline_worker(&pipeline);
    const char *failed = pipeline_await(&pipeline, "failed", "t0");
    pipeline_has("crash loop", failed, "Crash loop");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 0);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

/* A call that comes to its end by itself breaks the row. */
Test(workers, crashes_apart_are_no_loop)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_LEASE=500ms", "REELQ_API_TIMEOUT=20s",
                                                 "REELQ_UNKNOWN_GRACE=1s", "REELQ_MAX_ATTEMPTS=10",
                                                 "REELQ_RETRY_BASE=500ms", "REELQ_RETRY_CAP=500ms"),
                                  .idle = true});
    pipeline_faults(&pipeline, "upload:hang=x1");
    submit(1);
    for (unsigned i = 0; i < 3; i++) {
        struct process *worker = pipeline_worker(&pipeline);
        pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 2 * i + 1);
        process_signal(worker, SIGKILL);
        expect_end(i, -SIGKILL);
        pipeline_faults(&pipeline, "upload:500=x1");
        worker = pipeline_worker(&pipeline);
        (void)pipeline_await_nth(&pipeline, "retry", "t0", 2 * (i + 1));
        pipeline_faults(&pipeline, i < 2 ? "upload:hang=x1" : "");
        process_signal(worker, SIGTERM);
        cr_expect_eq(process_wait(worker), 0);
        process_free(worker);
        pipeline.worker_count--;
    }
    (void)pipeline_worker(&pipeline);
    (void)pipeline_await(&pipeline, "ready", "t0");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 1);
    pipeline_stop(&pipeline);
}

/* A worker sleeps past its lease: what it finds when it wakes is no longer its own. */
Test(workers, one_sleeps_past_its_lease)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_LEASE=700ms", "REELQ_UNKNOWN_GRACE=10s")});
    pipeline_faults(&pipeline, "upload:latency(200)=1 callback:late(2500)=x4");
    submit(4);
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 4);
    process_signal(pipeline.workers[0], SIGSTOP);
    (void)pipeline_worker(&pipeline);
    cr_assert_not_null(witness_event(pipeline.witness, "unknown", NULL, 4, PIPELINE_WAIT_MS));
    process_signal(pipeline.workers[0], SIGCONT);
    expect_ready_once(4);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

static const struct {
    const char *timeout;
    bool cut; /* calls are still under way at the end of it */
} drains[] = {{"REELQ_DRAIN_TIMEOUT=10s", false}, {"REELQ_DRAIN_TIMEOUT=50ms", true}};

Test(workers, one_drains)
{
    for (size_t i = 0; i < sizeof(drains) / sizeof(drains[0]); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .worker = LIST(drains[i].timeout, "REELQ_CONCURRENCY=3")});
        pipeline_faults(&pipeline, "upload:latency(400)=1");
        submit(6);
        pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 3);
        process_signal(pipeline.workers[0], SIGTERM);
        expect_end(0, 0);
        cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:running"), 0);
        cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:taken"), 0);
        cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:workers"), 0);
        unsigned unknown = witness_events(pipeline.witness, "unknown", NULL);
        cr_expect_eq(unknown, drains[i].cut ? 3 : 0, "%s: %u unknown", drains[i].timeout, unknown);
        (void)pipeline_worker(&pipeline);
        expect_ready_once(6);
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}

/* Killed and started again with what it wrote to its file, in the middle of everything. */
Test(workers, redis_is_restarted)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .workers = 2,
                                  .restarts = true,
                                  .redis = LIST("--appendonly", "yes"),
                                  .worker = LIST("REELQ_CALLBACK_TIMEOUT=2s", "REELQ_LEASE=1s")});
    pipeline_faults(&pipeline, "any:latency(50)=1");
    submit(12);
    (void)witness_event(pipeline.witness, "accepted", NULL, 3, PIPELINE_WAIT_MS);
    redis_server_restart(pipeline.redis);
    (void)witness_event(pipeline.witness, "uploaded", NULL, 6, PIPELINE_WAIT_MS);
    redis_server_restart(pipeline.redis);
    expect_ready_once(12);
    pipeline_await_empty(&pipeline, "reelq:callbacks:taken");
    pipeline_await_empty(&pipeline, "reelq:taken");
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

/* Answers that could not be written any more are let go; nobody looks at a connection that is gone.
 */
Test(workers, one_stops_while_redis_is_away)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .restarts = true,
                                  .redis = LIST("--appendonly", "yes", "--appendfsync", "always"),
                                  .worker = LIST("REELQ_DRAIN_TIMEOUT=300ms", "REELQ_LEASE=1s")});
    pipeline_faults(&pipeline, "upload:latency(150)=1");
    submit(6);
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 6);
    redis_server_kill(pipeline.redis);
    process_signal(pipeline.workers[0], SIGTERM);
    expect_end(0, 0);
    pipeline_faults(&pipeline, "");
    redis_server_restart(pipeline.redis);
    (void)pipeline_worker(&pipeline);
    expect_ready_once(6);
    pipeline_await_empty(&pipeline, "reelq:callbacks:taken");
    pipeline_stop(&pipeline);
}

/* Who is full does not take what an idle one could begin. */
Test(workers, a_full_one_takes_nothing_from_an_idle_one)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_CONCURRENCY=1")});
    pipeline_faults(&pipeline, "upload:latency(2500)=x1");
    pipeline_submit(&pipeline, "{\"id\":\"slow\",\"url\":\"https://e.com/s.mp4\",\"index\":[]}");
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 1);
    struct process *idle = pipeline_worker(&pipeline);
    cr_assert(process_wait_log(idle, "redis-up", 1, PIPELINE_WAIT_MS));
    pipeline_submit(&pipeline, "{\"id\":\"fast\",\"url\":\"https://e.com/f.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "accepted", "fast");
    cr_expect_eq(witness_events(pipeline.witness, "accepted", "slow"), 0,
                 "it waited for the slow one");
    (void)pipeline_await(&pipeline, "ready", "slow");
    (void)pipeline_await(&pipeline, "ready", "fast");
    pipeline_stop(&pipeline);
}
