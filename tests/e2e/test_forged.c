/* What somebody can do who knows the URL of one callback, without REELQ_VERIFY_CALLBACKS. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UPLOAD       "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, SLACK_S = 120 };

static struct pipeline pipeline;

/* A task that is ready at once; its video, to be freed. */
static char *make_ready(const char *id, const char *more)
{
    pipeline_faults(&pipeline, "upload:sync-done=x1 callback:lost=1");
    pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]%s}", id,
                    more);
    return pipeline_pick(pipeline_await(&pipeline, "ready", id), "video_id");
}

static void call_back(const char *id, const char *video_id)
{
    char *body = xasprintf("{\"success\":true,\"data\":{\"id\":\"%s\"}}", video_id);

    cr_assert_eq(pipeline_callback(&pipeline, "upload", id, 1, body), 200);
    free(body);
}

/* The other one keeps it, and the task gets its own. */
Test(forged, another_tasks_video_is_not_taken)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    char *other = make_ready("o", "");
    pipeline_submit(&pipeline, UPLOAD, "t");
    (void)pipeline_await(&pipeline, "accepted", "t");
    call_back("t", other);
    pipeline_await_log(&pipeline, "callback-doubted", 1);
    (void)pipeline_await(&pipeline, "asked", "t");
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    cr_expect_null(strstr(ready, other), "%s", ready);
    pipeline_has("its own", ready, "\"name\":\"t\"");
    redisReply *owner = redis_server_command(pipeline.redis, "GET reelq:video:%s", other);
    cr_expect_str_eq(owner->str, "o");
    freeReplyObject(owner);
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 2);
    free(other);
    pipeline_stop(&pipeline);
}

/* While a call is under way its reply is worth more than what somebody says. */
Test(forged, a_call_under_way_goes_on)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_LEASE=500ms")});
    char *other = make_ready("o", "");
    pipeline_faults(&pipeline, "upload:latency(600)=x1 callback:lost=1");
    pipeline_submit(&pipeline, UPLOAD, "t");
    pipeline_await_asked(&pipeline, "\"POST\"", "/upload", 2);
    call_back("t", other);
    pipeline_await_log(&pipeline, "callback-doubted", 1);
    (void)pipeline_await(&pipeline, "accepted", "t");
    pipeline_has("its own", pipeline_await(&pipeline, "ready", "t"), "\"name\":\"t\"");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 2);
    free(other);
    pipeline_stop(&pipeline);
}

/* Ids that would lead elsewhere in the API's paths, or are none: VideoDB is asked instead. */
static const char *const no_ids[] = {
    "..",    ".",        "m-../../billing", "../m-1",     "m-1?x=1", "m-1#x",
    "m-a b", "m-a\\\"b", "m-a\\u0000b",     "m-\\u00e4",  "/m-1",    "m-%2e%2e",
    "-m",    "m-a\\\\b", "m-a\\nb",         "m-1&force=1"};

Test(forged, ids_that_are_none)
{
    struct buffer long_id = BUFFER(4096);

    buffer_add_text(&long_id, "m-");
    while (long_id.length < 300)
        buffer_add_char(&long_id, 'a');
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:lost=1");
    for (size_t i = 0; i <= COUNT(no_ids); i++) {
        const char *forged = i < COUNT(no_ids) ? no_ids[i] : buffer_text(&long_id);
        char *id = xasprintf("t%zu", i);
        pipeline_submit(&pipeline, UPLOAD, id);
        (void)pipeline_await(&pipeline, "accepted", id);
        call_back(id, forged);
        (void)pipeline_await(&pipeline, "asked", id);
        pipeline_has(forged, pipeline_await(&pipeline, "ready", id), "\"video_id\":\"m-z-");
        free(id);
    }
    cr_expect_eq(pipeline_asked(&pipeline, "billing", NULL), 0);
    buffer_clear(&long_id);
    pipeline_stop(&pipeline);
}

/* What is passed on to who reads notifications: text as text, URLs that are some, nothing endless.
 */
Test(forged, what_is_passed_on)
{
    struct buffer body = BUFFER(65536);

    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:lost=1");
    pipeline_submit(&pipeline, UPLOAD, "t");
    (void)pipeline_await(&pipeline, "accepted", "t");
    buffer_add_text(&body,
                    "{\"success\":true,\"data\":{\"id\":\"m-forged\",\"name\":\"a\\n\\u0007\\\"b\","
                    "\"stream_url\":\"javascript:alert(1)\",\"output_url\":\"http://evil/\","
                    "\"extra\":\"surplus\",\"length\":\"");
    for (unsigned i = 0; i < 100; i++)
        buffer_add_char(&body, '9');
    buffer_add_text(&body, "\",\"player_url\":\"https://e.com/");
    for (unsigned i = 0; i < 5000; i++)
        buffer_add_char(&body, 'p');
    buffer_add_text(&body, "\"}}");
    cr_assert_eq(pipeline_callback(&pipeline, "upload", "t", 1, buffer_text(&body)), 200);
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    pipeline_has("escaped", ready, "\"name\":\"a\\n\\u0007\\\"b\"");
    pipeline_has("without them", ready,
                 "\"video_id\":\"m-forged\",\"name\":\"a\\n\\u0007\\\"b\",\"url\":");
    cr_expect_null(strstr(ready, "evil"), "%s", ready);
    cr_expect_null(strstr(ready, "surplus"), "%s", ready);
    cr_expect_eq(pipeline_asked(&pipeline, "evil", NULL), 0);
    buffer_clear(&body);
    pipeline_stop(&pipeline);
}

/* A failure costs one attempt, however often it is said: each call has a URL of its own. */
Test(forged, failures_cost_one_attempt)
{
    static const char failure[] = "{\"success\":false,\"message\":\"Download failed.\"}";

    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:late(1500)=1");
    pipeline_submit(&pipeline, UPLOAD, "t");
    (void)pipeline_await(&pipeline, "accepted", "t");
    for (unsigned i = 0; i < 5; i++)
        cr_assert_eq(pipeline_callback(&pipeline, "upload", "t", 1, failure), 200);
    pipeline_await_log(&pipeline, "reason=older-call", 4);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":");
    cr_expect_leq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 2);
    cr_expect_eq(witness_events(pipeline.witness, "retry", "t"), 1);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

/* Somebody else's video, that no task has, is not a duplicate; nor does the task get hold of it. */
Test(forged, nothing_foreign_is_deleted)
{
    static const char *const names[] = {",\"name\":\"Holiday\"", ""};

    for (size_t i = 0; i < COUNT(names); i++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){.worker = LIST("REELQ_DUPLICATES=delete")});
        char *foreign = make_ready("o", names[i]), *mine = make_ready("t", names[i]);
        freeReplyObject(redis_server_command(pipeline.redis, "DEL reelq:video:%s", foreign));
        call_back("t", foreign);
        const char *event = pipeline_await(&pipeline, "duplicate", "t");
        pipeline_has("event", event, foreign);
        pipeline_has("event", event, "\"deleted\":false");
        cr_expect_eq(pipeline_asked(&pipeline, "\"DELETE\"", NULL), 0);
        cr_expect_eq(redis_server_integer(pipeline.redis, "EXISTS reelq:video:%s", foreign), 0);
        free(foreign);
        free(mine);
        pipeline_stop(&pipeline);
    }
}

/* Nor is a task's own video deleted when a forged one was taken for it. */
Test(forged, the_real_one_is_not_deleted)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST("REELQ_DUPLICATES=delete")});
    pipeline_faults(&pipeline, "callback:late(700)=1");
    pipeline_submit(&pipeline, UPLOAD, "t");
    (void)pipeline_await(&pipeline, "accepted", "t");
    call_back("t", "m-forged");
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "m-forged");
    const char *event = pipeline_await(&pipeline, "duplicate", "t");
    pipeline_has("the real one", event, "\"video_id\":\"m-z-");
    pipeline_has("the real one", event, "\"deleted\":false");
    cr_expect_eq(pipeline_asked(&pipeline, "\"DELETE\"", NULL), 0);
    pipeline_stop(&pipeline);
}

/* Words that ask for more questions: only so many are put. */
Test(forged, questions_have_an_end)
{
    static const char *const bodies[] = {
        "no JSON",
        "{\"success\":false,\"message\":\"Spoken word index for video already exists\"}"};

    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_POLL_INTERVAL=2s", "REELQ_LEASE=500ms"),
                                  .sandbox = LIST("--index-time", "6000")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "accepted", "t/spoken_words");
    for (unsigned i = 0; !process_wait_log(pipeline.workers[0], "reason=too-many", 1, 0); i++)
        cr_assert_eq(
            pipeline_callback(&pipeline, "index", "t/spoken_words", 1, bodies[i % COUNT(bodies)]),
            200);
    unsigned asked = witness_events(pipeline.witness, "asked", "t/spoken_words");
    cr_expect_leq(asked, 8, "%u", asked);
    (void)pipeline_await(&pipeline, "ready", "t");
    pipeline_stop(&pipeline);
}

/* --- URLs ------------------------------------------------------------------------------------- */

static const struct {
    const char *timeout, *expiry;
    int64_t valid_s;
} expiries[] = {
    {"REELQ_CALLBACK_TIMEOUT=1h", "REELQ_CALLBACK_EXPIRY=0", HOUR_S + DAY_S},
    {"REELQ_CALLBACK_TIMEOUT=1h", "REELQ_CALLBACK_EXPIRY=2h", INT64_C(2) * HOUR_S},
};

/* As long as it says from now on, by the clock of Redis; a child's as well as an upload's. */
Test(forged, urls_expire)
{
    for (size_t i = 0; i < COUNT(expiries); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .worker = LIST(expiries[i].timeout, expiries[i].expiry)});
        pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
        (void)pipeline_await(&pipeline, "ready", "t");
        redisReply *time = redis_server_command(pipeline.redis, "TIME");
        int64_t now_s = strtoll(time->element[0]->str, NULL, 10);
        const char *at = pipeline_get(&pipeline, "/_sandbox/journal");
        unsigned seen = 0;
        while ((at = strstr(at, "&exp=")) != NULL) {
            int64_t valid_s = strtoll(at += strlen("&exp="), NULL, 10) - now_s;
            cr_expect(llabs(valid_s - expiries[i].valid_s) < SLACK_S, "valid for %lld s",
                      (long long)valid_s);
            seen++;
        }
        cr_expect_geq(seen, 2);
        freeReplyObject(time);
        pipeline_stop(&pipeline);
    }
}

/* At the level that says most. */
Test(forged, urls_are_not_logged)
{
    static const char *const never[] = {"/webhooks", "exp=", "&n=", "sig=", PIPELINE_SECRET};

    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_LOG_LEVEL=debug")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "t");
    pipeline_faults(&pipeline, "any:reset-after=x1");
    pipeline_submit(&pipeline, "{\"id\":\"u\",\"url\":\"https://e.com/missing.mp4\"}");
    (void)pipeline_await(&pipeline, "failed", "u");
    const char *log = process_log(pipeline.workers[0]);
    pipeline_has("debug", log, " debug call ");
    for (size_t i = 0; i < COUNT(never); i++)
        cr_expect_null(strstr(log, never[i]), "%s is in %s", never[i], log);
    pipeline_stop(&pipeline);
}
