/* Callbacks that come twice, late, early, out of order, not at all, for older calls, or from
 * somebody else. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

#define FAILURE "{\"success\":false,\"message\":\"Invalid media type\"}"
#define SUCCESS(id)                                                                                \
    "{\"success\":true,\"data\":{\"id\":\"" id "\",\"collection_id\":\"c-1\",\"length\":\"1.0\"}}"

static const struct {
    const char *id, *faults;
} deliveries[] = {
    {"doubled", "callback:doubled=1"},
    {"late", "callback:late(200)=1"},
    {"early", "callback:early=1"},
    {"early-once", "callback:early=x1"},
    {"mixed", "callback:out-of-order(300)=1"},
    {"lost", "callback:lost=1"},
    {"lost-index", "callback:late(1)=x1 callback:lost=1"},
    {"broken", "callback:broken-json=1"},
    {"empty", "callback:empty=1"},
    {"slow", "callback:slow(100)=1"},
};

static void run_deliveries(const struct pipeline_options *options)
{
    pipeline_start(&pipeline, options);
    for (size_t i = 0; i < COUNT(deliveries); i++) {
        const char *id = deliveries[i].id;
        unsigned before = pipeline_paid(&pipeline, NULL, NULL);
        pipeline_faults(&pipeline, deliveries[i].faults);
        pipeline_submit(&pipeline,
                        "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\","
                        "\"index\":[\"spoken_words\",\"scenes\"]}",
                        id);
        const char *ready = pipeline_await(&pipeline, "ready", id);
        pipeline_has(id, ready, "\"spoken_words\":{\"state\":\"done\"}");
        pipeline_has(id, ready, "\"scenes\":{\"state\":\"done\",\"scene_index_id\":\"");
        unsigned paid = pipeline_paid(&pipeline, NULL, NULL) - before;
        cr_expect_eq(paid, 3, "%s: %u operations", id, paid);
    }
    pipeline_faults(&pipeline, "");
    /* All the repeats are through when a last task is. */
    pipeline_submit(&pipeline, "{\"id\":\"last\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "last");
    for (size_t i = 0; i < COUNT(deliveries); i++)
        cr_expect_eq(witness_messages(pipeline.witness, NULL, deliveries[i].id), 1, "%s",
                     deliveries[i].id);
    cr_expect_eq(witness_events(pipeline.witness, "duplicate", NULL), 0);
    pipeline_stop(&pipeline);
}

Test(callbacks, however_they_come)
{
    run_deliveries(&(struct pipeline_options){.worker = LIST("REELQ_CALLBACK_TIMEOUT=700ms")});
}

/* None of them counts by itself: VideoDB is asked. */
Test(callbacks, however_they_come_and_verified)
{
    run_deliveries(&(struct pipeline_options){
        .worker =
            LIST("REELQ_CALLBACK_TIMEOUT=700ms", "REELQ_VERIFY_CALLBACKS=1", "REELQ_LEASE=500ms")});
}

/* The reply names no job: the API is asked for the video and its indexes by name. */
Test(callbacks, however_they_come_without_a_job)
{
    run_deliveries(&(struct pipeline_options){.worker = LIST("REELQ_CALLBACK_TIMEOUT=700ms"),
                                              .sandbox = LIST("--async-data", "off")});
}

/* Everything that is wrong gets one and the same answer, and changes nothing. */
static const char *const strangers[] = {
    "/webhooks/upload?id=t&n=1&sig=00000000000000000000000000000000",
    "/webhooks/upload?id=t&n=1&sig=0",
    "/webhooks/upload?id=t&n=1",
    "/webhooks/upload?id=t",
    "/webhooks/upload",
    "/webhooks/index?id=t&n=1&sig=00000000000000000000000000000000",
    "/webhooks/other?id=t&n=1&sig=00000000000000000000000000000000",
    "/webhooks/upload?id=%00&n=1&sig=00000000000000000000000000000000",
};

Test(callbacks, of_strangers)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "accepted", "t");
    (void)pipeline_post(&pipeline, "/nothing/here", "{}");
    char *nothing = slice_copy(buffer_slice(&pipeline.answer));
    for (size_t i = 0; i < COUNT(strangers); i++) {
        int status = pipeline_post(&pipeline, strangers[i], SUCCESS("m-evil"));
        cr_expect_eq(status, 404, "%s: %d", strangers[i], status);
        cr_expect_str_eq(buffer_text(&pipeline.answer), nothing, "%s", strangers[i]);
    }
    cr_expect_eq(redis_server_integer(pipeline.redis, "LLEN reelq:callbacks"), 0);
    char *state = pipeline_record(&pipeline, "t", "state");
    cr_expect_str_eq(state, "awaiting");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, SUCCESS("a-mine")), 200);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"video_id\":\"a-mine\"");
    free(state);
    free(nothing);
    pipeline_stop(&pipeline);
}

/* Signed well, and of no use: a task that nobody knows. */
Test(callbacks, for_a_task_that_is_gone)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "gone", 1, SUCCESS("m-1")), 200);
    cr_expect_eq(pipeline_callback(&pipeline, "index", "gone/spoken_words", 1, FAILURE), 200);
    pipeline_await_log(&pipeline, "callback-ignored", 2);
    cr_expect_eq(witness_events(pipeline.witness, NULL, NULL), 0);
    pipeline_stop(&pipeline);
}

/* Attempt 1 was answered with 500, attempt 2 is awaited. */
static void reach_second_attempt(const char *id)
{
    pipeline_faults(&pipeline, "upload:500=x1 callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}", id);
    pipeline_has(id, pipeline_await(&pipeline, "accepted", id), "\"attempt\":2");
}

Test(callbacks, of_an_older_attempt)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    reach_second_attempt("t");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, FAILURE), 200);
    pipeline_await_log(&pipeline, "reason=older-call", 1);
    char *state = pipeline_record(&pipeline, "t", "state");
    cr_expect_str_eq(state, "awaiting", "a failure is ignored: %s", state);
    free(state);

    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, SUCCESS("m-first")), 200);
    pipeline_has("success is taken", pipeline_await(&pipeline, "ready", "t"),
                 "\"video_id\":\"m-first\"");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 2, FAILURE), 200);
    pipeline_await_log(&pipeline, "callback-ignored", 2);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);

    reach_second_attempt("u");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "u", 2, FAILURE), 200);
    pipeline_has("failure of the attempt itself", pipeline_await(&pipeline, "failed", "u"),
                 "\"error\":\"Invalid media type\"");
    pipeline_stop(&pipeline);
}

/* Run again, a task counts its attempts from 1; what was said of the first run is no news of the
 * second. */
Test(callbacks, of_an_earlier_run)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "accepted", "t");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, FAILURE), 200);
    (void)pipeline_await(&pipeline, "failed", "t");
    pipeline_submit(&pipeline, "t");
    pipeline_has("attempts count from 1", pipeline_await_nth(&pipeline, "accepted", "t", 2),
                 "\"attempt\":1");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, FAILURE), 200);
    pipeline_await_log(&pipeline, "reason=older-call", 1);
    char *state = pipeline_record(&pipeline, "t", "state");
    cr_expect_str_eq(state, "awaiting", "%s", state);
    free(state);
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 2, FAILURE), 200);
    (void)pipeline_await_nth(&pipeline, "failed", "t", 2);
    pipeline_stop(&pipeline);
}

/* A body that says nothing: the API is asked at once, long before the deadline. */
static const char *const unreadable[] = {
    "", "not json", "{}", "[]", "{\"success\":\"yes\"}", "{\"success\":true}"};

Test(callbacks, that_cannot_be_read)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:lost=1");
    for (size_t i = 0; i < COUNT(unreadable); i++) {
        char id[3] = {'t', (char)('0' + i), '\0'};
        pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}",
                        id);
        (void)pipeline_await(&pipeline, "accepted", id);
        cr_expect_eq(pipeline_callback(&pipeline, "upload", id, 1, unreadable[i]), 200, "%s",
                     unreadable[i]);
        (void)pipeline_await(&pipeline, "asked", id);
        pipeline_has(unreadable[i], pipeline_await(&pipeline, "ready", id), "\"attempts\":1");
    }
    pipeline_stop(&pipeline);
}

/* Two attempts brought a video each, by callbacks that nothing proves: neither is deleted. */
Test(callbacks, that_bring_a_second_video)
{
    static const char *const settings[] = {"REELQ_DUPLICATES=report", "REELQ_DUPLICATES=delete"};

    for (size_t i = 0; i < COUNT(settings); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(settings[i])});
        reach_second_attempt("t");
        cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 2, SUCCESS("m-kept")), 200);
        (void)pipeline_await(&pipeline, "ready", "t");

        cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, SUCCESS("m-second")), 200);
        const char *duplicate = pipeline_await(&pipeline, "duplicate", "t");
        pipeline_has("duplicate", duplicate, "\"kept\":\"m-kept\"");
        pipeline_has("duplicate", duplicate, "\"video_id\":\"m-second\"");
        cr_expect_null(strstr(duplicate, "\"deleted\":true"), "%s", duplicate);
        cr_expect_eq(pipeline_asked(&pipeline, "\"method\":\"DELETE\"", NULL), 0);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);
        pipeline_stop(&pipeline);
    }
}

/* A call that VideoDB refused gives its attempt back; what is said of it all the same is not said
 * of the next one. */
Test(callbacks, of_a_call_that_cost_no_attempt)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "upload:429=x1 callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    pipeline_has("the attempt is the same", pipeline_await(&pipeline, "accepted", "t"),
                 "\"attempt\":1");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 1, FAILURE), 200);
    pipeline_await_log(&pipeline, "reason=older-call", 1);
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "t", 2, SUCCESS("m-1")), 200);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 1);
    pipeline_stop(&pipeline);
}
