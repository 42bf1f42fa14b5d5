/* The key, the account or the whole API is at fault: tasks wait unharmed. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

static void submit(const char *const *ids, size_t count, const char *fields)
{
    for (size_t i = 0; i < count; i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"%s\",\"url\":\"https://e.com/%s.mp4\",\"index\":[]%s}", ids[i],
                        ids[i], fields);
}

static void expect_all_ready(const char *const *ids, size_t count, const char *attempts)
{
    for (size_t i = 0; i < count; i++) {
        const char *ready = pipeline_await(&pipeline, "ready", ids[i]);
        pipeline_has(ids[i], ready, attempts);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, ids[i]), 1);
    }
    unsigned paid = pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL);
    cr_expect_eq(paid, count, "%u uploads for %zu tasks", paid, count);
}

static int ready_status(void)
{
    return raw_http_get(process_address(pipeline.workers[0], "admin"), "/readyz", &pipeline.answer);
}

static const char *const ids[] = {"b1", "b2", "b3", "b4", "b5", "b6"};

static const struct {
    const char *fault, *log, *action;
} keys[] = {
    {"any:401=1", "api-blocked status=401", "Check VIDEO_DB_API_KEY."},
    {"any:402=1", "api-blocked status=402", "Add credits to the VideoDB account."},
};

Test(blocked, key_and_account)
{
    for (size_t i = 0; i < COUNT(keys); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){0});
        pipeline_faults(&pipeline, keys[i].fault);
        submit(ids, COUNT(ids), "");
        pipeline_await_log(&pipeline, keys[i].log, 1);
        pipeline_has("log", process_log(pipeline.workers[0]), keys[i].action);
        cr_expect_not_null(witness_event(pipeline.witness, "blocked", NULL, 3, PIPELINE_WAIT_MS));
        cr_expect_eq(ready_status(), 503, "%s: readiness", keys[i].fault);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, NULL), 0, "nobody is told anything");
        pipeline_faults(&pipeline, "");
        expect_all_ready(ids, COUNT(ids), "\"attempts\":1");
        cr_expect_eq(ready_status(), 200, "%s: readiness after", keys[i].fault);
        pipeline_stop(&pipeline);
    }
}

/* One 403 is the task's own; several in a row are the key's. */
Test(blocked, forbidden_in_a_row)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_MAX_ATTEMPTS=10")});
    pipeline_faults(&pipeline, "upload:403=1");
    submit(ids, COUNT(ids), "");
    pipeline_await_log(&pipeline, "api-blocked status=403", 1);
    pipeline_faults(&pipeline, "");
    expect_all_ready(ids, COUNT(ids), "\"attempts\":");
    pipeline_stop(&pipeline);
}

/* Ends the worker, and removes what was not to come to its end. */
static void stop_with(const char *unfinished)
{
    process_signal(pipeline.workers[0], SIGTERM);
    cr_expect_eq(process_wait(pipeline.workers[0]), 0);
    char *command = xasprintf("DEL %s", unfinished);
    (void)redis_server_integer(pipeline.redis, command);
    free(command);
}

/* A task that may not do what it wants uses up its attempts, and stands in nobody's way. */
Test(blocked, forbidden_alone)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_CONCURRENCY=1", "REELQ_MAX_ATTEMPTS=4")});
    pipeline_submit(&pipeline, "{\"id\":\"not\",\"url\":\"https://e.com/forbidden.mp4\"}");
    (void)pipeline_await_nth(&pipeline, "retry", "not", 3);
    submit(ids, COUNT(ids), "");
    expect_all_ready(ids, COUNT(ids), "\"attempts\":1");
    const char *failed = pipeline_await(&pipeline, "failed", "not");
    pipeline_has("failed", failed, "Check what VIDEO_DB_API_KEY may do.");
    pipeline_has("failed", failed, "\"attempts\":4");
    pipeline_stop(&pipeline);
}

/* Even where several of them look like a key that may do nothing, the probes are for others, too.
 */
Test(blocked, forbidden_before_others)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_CONCURRENCY=1")});
    for (int i = 0; i < 4; i++)
        pipeline_submit(&pipeline, "{\"id\":\"not%d\",\"url\":\"https://e.com/forbidden.mp4\"}", i);
    pipeline_await_log(&pipeline, "api-blocked status=403", 1);
    submit(ids, COUNT(ids), "");
    expect_all_ready(ids, COUNT(ids), "\"attempts\":1");
    stop_with("reelq:tasks reelq:delayed");
    pipeline_stop(&pipeline);
}

/* A question that is refused waits, and is not the only thing that is tried. */
Test(blocked, a_question_that_is_refused)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .worker = LIST("REELQ_CONCURRENCY=1", "REELQ_UNKNOWN_GRACE=60s")});
    pipeline_faults(&pipeline, "upload:reset-after=x1 callback:lost=x1 list:401=1");
    pipeline_submit(&pipeline, "{\"id\":\"lost\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    pipeline_await_log(&pipeline, "api-blocked status=401", 1);
    submit(ids, COUNT(ids), "");
    for (size_t i = 0; i < COUNT(ids); i++)
        (void)pipeline_await(&pipeline, "ready", ids[i]);
    pipeline_faults(&pipeline, "");
    pipeline_has("lost", pipeline_await(&pipeline, "ready", "lost"), "\"attempts\":1");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), COUNT(ids) + 1);
    pipeline_stop(&pipeline);
}

/* Jobs are asked about all the time, and answered, while uploads fail: no task dies of that. */
Test(blocked, what_answers_questions_and_fails_calls)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .poll = true,
                                  .sandbox = LIST("--upload-time", "600000"),
                                  .worker = LIST("REELQ_BREAKER=3", "REELQ_RETRY_BASE=50ms",
                                                 "REELQ_CONCURRENCY=2", "REELQ_JOB_TIMEOUT=10m")});
    for (int i = 0; i < 4; i++)
        pipeline_submit(&pipeline, "{\"id\":\"slow%d\",\"url\":\"https://e.com/s.mp4\"}", i);
    cr_assert_not_null(witness_event(pipeline.witness, "accepted", NULL, 4, PIPELINE_WAIT_MS));
    pipeline_faults(&pipeline, "upload:500=1");
    submit(ids, COUNT(ids), ",\"max_attempts\":2");
    cr_assert_not_null(witness_event(pipeline.witness, "postponed", NULL, 5, PIPELINE_WAIT_MS));
    cr_expect_eq(witness_events(pipeline.witness, "failed", NULL), 0);
    pipeline_faults(&pipeline, "");
    for (size_t i = 0; i < COUNT(ids); i++)
        (void)pipeline_await(&pipeline, "accepted", ids[i]);
    stop_with("reelq:awaiting reelq:questions");
    pipeline_stop(&pipeline);
}

/* The host is down: calls that were never sent are tried again and cost no attempt. */
Test(blocked, nobody_listens)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_RETRY_BASE=100ms", "REELQ_BREAKER=3")});
    char *address = slice_copy(slice_text(pipeline.sandbox_address));

    pipeline_sandbox_stop(&pipeline);
    submit(ids, COUNT(ids), "");
    pipeline_await_log(&pipeline, "api-down", 1);
    cr_expect_not_null(witness_event(pipeline.witness, "postponed", NULL, 6, PIPELINE_WAIT_MS));
    cr_expect_eq(ready_status(), 503);
    pipeline_sandbox_start(&pipeline, address);
    expect_all_ready(ids, COUNT(ids), "\"attempts\":1");
    cr_expect_eq(witness_events(pipeline.witness, "unknown", NULL), 0);
    free(address);
    pipeline_stop(&pipeline);
}

/* Ten tasks, and an API that fails all the time: the queue waits behind the breaker. */
Test(blocked, the_breaker_spares_what_is_queued)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .worker = LIST("REELQ_CONCURRENCY=1", "REELQ_BREAKER=2",
                                      "REELQ_RETRY_BASE=30s", "REELQ_PROBE_INTERVAL=1m")});
    pipeline_faults(&pipeline, "upload:500=1");
    submit(ids, COUNT(ids), "");
    pipeline_await_log(&pipeline, "api-down status=500", 1);
    cr_expect_not_null(witness_event(pipeline.witness, "retry", NULL, 1, PIPELINE_WAIT_MS));
    cr_expect_not_null(witness_event(pipeline.witness, "postponed", NULL, 1, PIPELINE_WAIT_MS));
    cr_expect_eq(witness_events(pipeline.witness, NULL, NULL), 2, "more than two were tried");
    cr_expect_eq(redis_server_integer(pipeline.redis, "LLEN reelq:tasks"), 4);
    (void)redis_server_integer(pipeline.redis, "DEL reelq:tasks reelq:delayed");
    pipeline_stop(&pipeline);
}

/* All workers wait when one of them is told to. */
Test(blocked, a_rate_limit_slows_all_workers)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.workers = 2});
    pipeline_faults(&pipeline, "upload:429(1)=x1");
    submit(ids, 1, "");
    (void)pipeline_await(&pipeline, "rate_limited", ids[0]);
    cr_expect_gt(redis_server_integer(pipeline.redis, "PTTL reelq:pause"), 0);
    submit(&ids[1], COUNT(ids) - 1, "");
    expect_all_ready(ids, COUNT(ids), "\"attempts\":1");
    cr_expect_eq(witness_events(pipeline.witness, "rate_limited", NULL), 1);
    pipeline_stop(&pipeline);
}

/* The index is there already: its state is asked for. */
static const struct {
    const char *id, *sandbox_time, *faults;
} existing[] = {
    {"done", "50", ""},
    {"building", "400", "callback:lost=1"},
};

Test(blocked, an_index_that_exists)
{
    for (size_t i = 0; i < COUNT(existing); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .sandbox = LIST("--index-time", existing[i].sandbox_time),
                                      .worker = LIST("REELQ_CALLBACK_TIMEOUT=1s")});
        submit(ids, 1, "");
        char *video = pipeline_pick(pipeline_await(&pipeline, "ready", ids[0]), "video_id");
        pipeline_faults(&pipeline, existing[i].faults);
        for (int k = 1; k <= 2; k++) {
            pipeline_submit(&pipeline,
                            "{\"type\":\"index\",\"id\":\"i%d\",\"video_id\":\"%s\","
                            "\"index\":\"spoken_words\"}",
                            k, video);
            (void)pipeline_await(&pipeline, i == 0 && k == 1 ? "ready" : "accepted", "i1");
        }
        pipeline_has(existing[i].id, pipeline_await(&pipeline, "ready", "i2"),
                     "\"spoken_words\":{\"state\":\"done\"}");
        (void)pipeline_await(&pipeline, "ready", "i1");
        cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL), 1, "%s",
                     existing[i].id);
        free(video);
        pipeline_stop(&pipeline);
    }
}
