/* REELQ_VERIFY_CALLBACKS=1: what a callback says counts only when VideoDB says it, too. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VERIFY       "REELQ_VERIFY_CALLBACKS=1"
#define FAILURE      "{\"success\":false,\"message\":\"Invalid media type\"}"

enum { LOOK_AGAIN_MS = 5, MAX_CLAIMS = 8 };

static struct pipeline pipeline;

static void submit(const char *id)
{
    pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}", id);
    (void)pipeline_await(&pipeline, "accepted", id);
}

/* An upload that has become this video; `more` of its members. */
static void claim(const char *id, const char *video_id, const char *more)
{
    char *body = xasprintf("{\"success\":true,\"data\":{\"id\":\"%s\"%s}}", video_id, more);

    cr_assert_eq(pipeline_callback(&pipeline, "upload", id, 1, body), 200);
    free(body);
}

/* Until what was claimed is settled: the callback is gone, and the task awaits again. */
static void await_settled(const char *id)
{
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    bool settled = false;

    while (!settled) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s is not settled", id);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
        char *state = pipeline_record(&pipeline, id, "state");
        settled = strcmp(state, "awaiting") == 0 &&
                  redis_server_integer(pipeline.redis, "LLEN reelq:callbacks") == 0 &&
                  redis_server_integer(pipeline.redis, "ZCARD reelq:callbacks:taken") == 0;
        free(state);
    }
}

/* --- genuine ones ----------------------------------------------------------------------------- */

/* One more request for each: of the video that its callback names, of the document of an index. */
Test(verify, costs_one_request)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(VERIFY)});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    char *video_id = pipeline_pick(ready, "video_id"), *path = xasprintf("/video/%s?", video_id);
    pipeline_has("ready", ready, "\"stream_url\":\"http");
    pipeline_has("ready", ready, "\"spoken_words\":{\"state\":\"done\"}");
    cr_expect_eq(pipeline_asked(&pipeline, "\"POST\"", NULL), 2);
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", path), 1);
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", "/async-response/"), 1);
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", NULL), 2);
    free(path);
    free(video_id);
    pipeline_stop(&pipeline);
}

static const struct {
    const char *async_data, *file, *more, *event, *part;
} genuine[] = {
    {"on", "a.mp4", "", "ready", "\"name\":\"t\""},
    {"off", "a.mp4", "", "ready", "\"name\":\"t\""},
    {"off", "a.mp4", ",\"name\":\"Holiday\"", "ready", "\"name\":\"Holiday\""},
    {"off", "a.mp3", ",\"collection_id\":\"c-1\"", "ready", "\"collection_id\":\"c-1\""},
    {"off", "a.jpg", "", "ready", "\"video_id\":\"img-"},
    {"on", "corrupt.mp4", "", "failed", "\"error\":\"Something went wrong\""},
    {"off", "corrupt.mp4", "", "failed", "\"error\":\"Something went wrong\""},
    {"off", "corrupt.mp4", ",\"name\":\"Holiday\"", "failed", "\"error\":\"Something went wrong\""},
};

Test(verify, genuine_ones_count)
{
    for (size_t i = 0; i < COUNT(genuine); i++) {
        const char *sandbox[] = {"--async-data", genuine[i].async_data, NULL};
        pipeline_start(&pipeline,
                       &(struct pipeline_options){.worker = LIST(VERIFY), .sandbox = sandbox});
        pipeline_submit(
            &pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/%s\",\"index\":[\"spoken_words\"]%s}",
            genuine[i].file, genuine[i].more);
        pipeline_has(genuine[i].more, pipeline_await(&pipeline, genuine[i].event, "t"),
                     genuine[i].part);
        pipeline_stop(&pipeline);
    }
}

/* --- forged ones ------------------------------------------------------------------------------ */

/* While VideoDB works on it nothing that is said of it makes it ready or failed: an id that there
 * is not, one that is no video's, none at all, another task's, a failure. */
Test(verify, what_is_not_so_changes_nothing)
{
    static const char *const bodies[] = {
        "{\"success\":true,\"data\":{\"id\":\"m-none\"}}", "{\"success\":true}",
        "{\"success\":true,\"data\":{\"id\":\"x-none\"}}", FAILURE, "no JSON"};

    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST(VERIFY, "REELQ_POLL_INTERVAL=1s"),
                                              .sandbox = LIST("--upload-time", "8000")});
    pipeline_faults(&pipeline, "upload:sync-done=x1");
    pipeline_submit(&pipeline, "{\"id\":\"o\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    char *other = pipeline_pick(pipeline_await(&pipeline, "ready", "o"), "video_id");
    pipeline_faults(&pipeline, "callback:lost=1");
    submit("t");
    for (size_t i = 0; i < COUNT(bodies); i++) {
        cr_assert_eq(pipeline_callback(&pipeline, "upload", "t", 1, bodies[i]), 200);
        (void)pipeline_await_nth(&pipeline, "asked", "t", (unsigned)i + 1);
        await_settled("t");
        char *kept = pipeline_record(&pipeline, "t", "hint");
        cr_expect(kept[0] != '-', "%s: a failure that is contradicted is forgotten", kept);
        free(kept);
    }
    claim("t", other, "");
    await_settled("t");
    pipeline_await_log(&pipeline, "hint-refuted", 2);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 0);
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    cr_expect_null(strstr(ready, other), "%s", ready);
    pipeline_has("its own", ready, "\"name\":\"t\"");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 2, "nothing was called again");
    free(other);
    pipeline_stop(&pipeline);
}

/* Whoever repeats it makes no work: after some of them the next question is waited for. */
Test(verify, is_not_done_without_end)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST(VERIFY, "REELQ_POLL_INTERVAL=3s"),
                                              .sandbox = LIST("--upload-time", "8000")});
    pipeline_faults(&pipeline, "callback:lost=1");
    submit("t");
    for (unsigned i = 0; i < 2 * MAX_CLAIMS; i++) {
        char *id = xasprintf("m-none%u", i);
        claim("t", id, "");
        await_settled("t");
        free(id);
    }
    pipeline_await_log(&pipeline, "reason=too-many", MAX_CLAIMS);
    cr_expect_eq(witness_events(pipeline.witness, "asked", "t"), MAX_CLAIMS);
    (void)pipeline_await(&pipeline, "ready", "t");
    pipeline_stop(&pipeline);
}

/* Nor does it make the task wait, or the API look ill: VideoDB is asked in another way. */
Test(verify, a_video_that_videodb_will_not_speak_of_is_passed_over)
{
    static const char *const faults[] = {"callback:lost=1 video:403=1",
                                         "callback:lost=1 video:500=1",
                                         "callback:lost=1 video:422=1"};

    for (size_t i = 0; i < COUNT(faults); i++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){.worker = LIST(VERIFY, "REELQ_BREAKER=1")});
        pipeline_faults(&pipeline, faults[i]);
        submit("t");
        while (strstr(pipeline_get(&pipeline, "/_sandbox/callbacks"), "lost") == NULL)
            (void)poll(NULL, 0, LOOK_AGAIN_MS);
        claim("t", "m-none", "");
        (void)pipeline_await(&pipeline, "ready", "t");
        pipeline_await_log(&pipeline, "hint-refuted", 1);
        cr_expect_null(strstr(process_log(pipeline.workers[0]), "api-"), "%s", faults[i]);
        pipeline_stop(&pipeline);
    }
}

/* What VideoDB does not list yet is no proof that it does not have it. */
Test(verify, a_failure_counts_for_nothing_while_the_call_may_have_been_accepted)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(VERIFY),
                                                         .sandbox = LIST("--list-delay", "1500")});
    pipeline_faults(&pipeline, "upload:reset-after=x1 callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "unknown", "t");
    cr_assert_eq(pipeline_callback(&pipeline, "upload", "t", 1, FAILURE), 200);
    (void)pipeline_await(&pipeline, "ready", "t");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 1);
    pipeline_stop(&pipeline);
}

/* The right id, and what else the body says is not passed on. */
Test(verify, only_videodbs_word_is_passed_on)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(VERIFY)});
    pipeline_faults(&pipeline, "callback:lost=1");
    submit("t");
    while (strstr(pipeline_get(&pipeline, "/_sandbox/callbacks"), "lost") == NULL)
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    char *mine = pipeline_pick(pipeline_get(&pipeline, "/_sandbox/journal"), "video_id");
    claim("t", mine,
          ",\"name\":\"evil\",\"collection_id\":\"c-evil\",\"length\":\"666\","
          "\"stream_url\":\"https://evil.example/x\"");
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    pipeline_has("ready", ready, mine);
    pipeline_has("ready", ready, "\"stream_url\":\"");
    cr_expect_null(strstr(ready, "evil"), "%s", ready);
    cr_expect_null(strstr(ready, "666"), "%s", ready);
    free(mine);
    pipeline_stop(&pipeline);
}

/* A video that VideoDB has, that no task has, and that is not this one's: it has another name, or
 * is in another collection. */
static const struct {
    const char *name, *collection_id;
} misfits[] = {{"Holiday", "c-1"}, {"t", "c-2"}};

Test(verify, name_and_collection_must_fit)
{
    for (size_t i = 0; i < COUNT(misfits); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(VERIFY)});
        pipeline_faults(&pipeline, "upload:sync-done=x1 callback:lost=1");
        pipeline_submit(&pipeline,
                        "{\"id\":\"o\",\"url\":\"https://e.com/a.mp4\",\"index\":[],"
                        "\"name\":\"%s\",\"collection_id\":\"%s\"}",
                        misfits[i].name, misfits[i].collection_id);
        char *other = pipeline_pick(pipeline_await(&pipeline, "ready", "o"), "video_id");
        freeReplyObject(redis_server_command(pipeline.redis, "DEL reelq:video:%s", other));
        pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[],"
                                   "\"collection_id\":\"c-1\"}");
        (void)pipeline_await(&pipeline, "accepted", "t");
        claim("t", other, "");
        pipeline_await_log(&pipeline, "hint-refuted", 1);
        const char *ready = pipeline_await(&pipeline, "ready", "t");
        cr_expect_null(strstr(ready, other), "%s", ready);
        free(other);
        pipeline_stop(&pipeline);
    }
}

/* It has the name, and another task has it: it is looked past. */
Test(verify, another_tasks_video_of_the_same_name)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(VERIFY)});
    pipeline_faults(&pipeline, "upload:sync-done=x1 callback:lost=1");
    for (unsigned i = 1; i <= 2; i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"t%u\",\"url\":\"https://e.com/a.mp4\",\"index\":[],"
                        "\"name\":\"Holiday\"}",
                        i);
    char *other = pipeline_pick(pipeline_await(&pipeline, "ready", "t1"), "video_id");
    (void)pipeline_await(&pipeline, "accepted", "t2");
    claim("t2", other, "");
    const char *ready = pipeline_await(&pipeline, "ready", "t2");
    cr_expect_null(strstr(ready, other), "%s", ready);
    char *path = xasprintf("/video/%s?", other);
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", path), 1, "asked once");
    free(path);
    free(other);
    pipeline_stop(&pipeline);
}

/* The spoken index is not there yet, whatever is said of it. */
Test(verify, indexes_are_asked_for)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST(VERIFY, "REELQ_POLL_INTERVAL=1s"),
                                              .sandbox = LIST("--index-time", "8000")});
    pipeline_faults(&pipeline, "upload:sync-done=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "accepted", "t/spoken_words");
    cr_assert_eq(pipeline_callback(&pipeline, "index", "t/spoken_words", 1, "{\"success\":true}"),
                 200);
    (void)pipeline_await(&pipeline, "asked", "t/spoken_words");
    await_settled("t/spoken_words");
    cr_assert_eq(pipeline_callback(&pipeline, "index", "t/spoken_words", 1, FAILURE), 200);
    (void)pipeline_await_nth(&pipeline, "asked", "t/spoken_words", 2);
    await_settled("t/spoken_words");
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 0);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"state\":\"done\"");
    pipeline_stop(&pipeline);
}

/* A call that failed, and shall be made again, may have been accepted: it is asked about, and made
 * again at the end of the grace when VideoDB does not know of it. */
Test(verify, a_success_while_it_is_delayed)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .worker = LIST(VERIFY, "REELQ_RETRY_BASE=1h", "REELQ_RETRY_CAP=1h",
                                      "REELQ_UNKNOWN_GRACE=1s", "REELQ_LEASE=500ms")});
    pipeline_faults(&pipeline, "upload:500=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "retry", "t");
    claim("t", "m-none", "");
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":2");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 1);
    char *hints = pipeline_record(&pipeline, "t", "hints");
    cr_expect_str_eq(hints, "1", "%s: the other one was about the call before", hints);
    free(hints);
    pipeline_stop(&pipeline);
}
