/* What the design promises when nothing goes wrong. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define META "{\"n\":1.50,\"big\":12345678901234567890,\"s\":\"\\u00e4 \\\"x\\\"\",\"a\":[ 1 , 2 ]}"

static struct pipeline pipeline;

static void has(const char *json, const char *part)
{
    pipeline_has("message", json, part);
}

static void expect_text(const char *what, char *got, const char *wanted)
{
    cr_expect_str_eq(got, wanted, "%s: '%s' instead of '%s'", what, got, wanted);
    free(got);
}

static void expect_all_fields(const char *ready)
{
    static const char *const parts[] = {
        "\"event\":\"ready\"",
        "\"id\":\"one\"",
        "\"video_id\":\"m-",
        "\"collection_id\":\"c-",
        "\"name\":\"A film\"",
        "\"length\":",
        "\"stream_url\":\"http",
        "\"player_url\":\"",
        "\"indexes\":{\"spoken_words\":{\"state\":\"done\"}}",
        "\"batch\":\"b\"",
        ("\"meta\":" META),
        "\"attempts\":1",
        "\"submitted_at\":1",
        "\"ready_at\":1",
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        has(ready, parts[i]);
}

Test(happy, an_upload_and_its_message)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_submit(&pipeline,
                    "{\"id\":\"one\",\"url\":\"https://e.com/a.mp4\",\"name\":\"A film\","
                    "\"batch\":\"b\",\"meta\":" META "}");
    expect_all_fields(pipeline_await(&pipeline, "ready", "one"));

    /* Nothing but a URL: the id is made. */
    pipeline_submit(&pipeline, "{\"url\":\"https://e.com/b.mp4\"}");
    const char *ready = witness_event(pipeline.witness, "ready", NULL, 2, PIPELINE_WAIT_MS);
    cr_assert_not_null(ready);
    has(ready, "\"attempts\":1");
    cr_expect_null(strstr(ready, "\"meta\""), "%s", ready);

    expect_text("steps", witness_steps(pipeline.witness, "one"), "accepted uploaded ready");
    expect_text("steps of the index", witness_steps(pipeline.witness, "one/spoken_words"),
                "accepted indexed");
    expect_text("state", pipeline_record(&pipeline, "one", "state"), "ready");
    cr_expect_eq(witness_messages(pipeline.witness, NULL, NULL), 2);
    cr_expect_eq(witness_messages(pipeline.witness, "ready", "one"), 1);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 2);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL), 2);
    pipeline_stop(&pipeline);
}

static const struct {
    const char *id, *item;
    const char *parts[3];
    unsigned calls; /* to the API */
} kinds[] = {
    {"audio", "\"url\":\"https://e.com/a.mp3\"", {"\"video_id\":\"a-", "\"length\":"}, 1},
    {"image", "\"url\":\"https://e.com/a.png\"", {"\"video_id\":\"img-"}, 1},
    {"told", "\"url\":\"https://e.com/a\",\"media_type\":\"audio\"", {"\"video_id\":\"a-"}, 1},
    {"bare", "\"url\":\"https://e.com/a.mp4\",\"index\":[]", {"\"video_id\":\"m-"}, 1},
    {"two",
     "\"url\":\"https://e.com/a.mp4\",\"index\":[\"spoken_words\","
     "{\"type\":\"scenes\",\"prompt\":\"p\"}]",
     {"\"indexes\":{\"spoken_words\":{\"state\":\"done\"},\"scenes\":{\"state\":\"done\","
      "\"scene_index_id\":\""},
     3},
    {"scenes",
     "\"url\":\"https://e.com/a.mp4\",\"index\":[\"scenes\",\"scenes\"]",
     {"\"scenes\":{\"state\":\"done\"", "\"scenes_2\":{\"state\":\"done\""},
     3},
};

Test(happy, kinds_of_media_and_indexes)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        unsigned before = pipeline_asked(&pipeline, "\"method\":\"POST\"", NULL);
        pipeline_submit(&pipeline, "{\"id\":\"%s\",%s}", kinds[i].id, kinds[i].item);
        const char *ready = pipeline_await(&pipeline, "ready", kinds[i].id);
        for (size_t k = 0; k < 3 && kinds[i].parts[k] != NULL; k++)
            pipeline_has(kinds[i].id, ready, kinds[i].parts[k]);
        unsigned calls = pipeline_asked(&pipeline, "\"method\":\"POST\"", NULL) - before;
        cr_expect_eq(calls, kinds[i].calls, "%s: %u calls", kinds[i].id, calls);
    }
    /* Children speak through their parents only. */
    cr_expect_eq(witness_messages(pipeline.witness, NULL, NULL), sizeof(kinds) / sizeof(kinds[0]));
    pipeline_stop(&pipeline);
}

Test(happy, index_of_a_video_that_is_there)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_submit(&pipeline, "{\"id\":\"up\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    char *video = pipeline_pick(pipeline_await(&pipeline, "ready", "up"), "video_id");

    pipeline_submit(&pipeline,
                    "{\"type\":\"index\",\"id\":\"words\",\"video_id\":\"%s\","
                    "\"index\":\"spoken_words\",\"meta\":[0.10]}",
                    video);
    const char *ready = pipeline_await(&pipeline, "ready", "words");
    has(ready, video);
    has(ready, "\"indexes\":{\"spoken_words\":{\"state\":\"done\"}}");
    has(ready, "\"meta\":[0.10]");

    pipeline_submit(&pipeline,
                    "{\"type\":\"index\",\"id\":\"shots\",\"video_id\":\"%s\",\"index\":"
                    "{\"type\":\"scenes\",\"extraction_type\":\"shot\"}}",
                    video);
    has(pipeline_await(&pipeline, "ready", "shots"), "\"scene_index_id\":\"");
    cr_expect_eq(witness_messages(pipeline.witness, "ready", "words"), 1);
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 3);
    free(video);
    pipeline_stop(&pipeline);
}

/* One at a time: the order of the calls is that of the pushes, and what was started is finished
 * before more is started. */
Test(happy, first_in_first_out)
{
    static const char *const ids[] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};

    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_CONCURRENCY=1", "REELQ_DEFAULT_INDEX="),
                                  .idle = true});
    for (size_t i = 0; i < 8; i++)
        pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\"}", ids[i]);
    (void)pipeline_worker(&pipeline);
    for (size_t i = 0; i < 8; i++)
        (void)pipeline_await(&pipeline, "ready", ids[i]);
    expect_text("order", witness_ids(pipeline.witness, "accepted"), "t0 t1 t2 t3 t4 t5 t6 t7");
    pipeline_stop(&pipeline);
}

/* Method, path and JSON as the official SDKs send them. */
static const struct {
    const char *path;
    const char *parts[4];
} wire[] = {
    {"\"path\":\"/collection/c-wire/upload\"",
     {"\"method\":\"POST\"",
      "\"body\":{\"url\":\"https://e.com/a.mp4\",\"name\":\"My clip\",\"description\":\"d\",",
      "\"media_type\":\"video\"", "\"callback_url\":\"http://127.0.0.1:"}},
    {"/index\"",
     {"\"method\":\"POST\"", "\"body\":{\"index_type\":\"spoken_word\"", "\"language_code\":\"en\"",
      "\"callback_url\":\"http://127.0.0.1:"}},
    {"/index/scene\"",
     {"\"extraction_type\":\"time\"",
      "\"extraction_config\":{\"time\":10,\"frame_count\":1,\"select_frames\":[\"first\"]}",
      "\"prompt\":\"Describe\"", "\"name\":\"scenes-1\""}},
};

static const char *const headers[] = {"\"has_token\":true", "\"client\":\"reelq/",
                                      "\"content_type\":\"application/json\""};

Test(happy, wire_traffic)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_submit(&pipeline,
                    "{\"id\":\"w\",\"url\":\"https://e.com/a.mp4\",\"name\":\"My clip\","
                    "\"description\":\"d\",\"media_type\":\"video\",\"collection_id\":\"c-wire\","
                    "\"index\":[{\"type\":\"spoken_words\",\"language_code\":\"en\"},"
                    "{\"type\":\"scenes\",\"extraction_type\":\"time\",\"extraction_config\":"
                    "{\"time\":10,\"frame_count\":1,\"select_frames\":[\"first\"]},"
                    "\"prompt\":\"Describe\",\"name\":\"scenes-1\"}]}");
    (void)pipeline_await(&pipeline, "ready", "w");
    for (size_t i = 0; i < sizeof(wire) / sizeof(wire[0]); i++) {
        for (size_t k = 0; k < 4; k++)
            cr_expect_eq(pipeline_asked(&pipeline, wire[i].path, wire[i].parts[k]), 1,
                         "%s: no %s in %s", wire[i].path, wire[i].parts[k],
                         raw_http_body(&pipeline.answer));
        for (size_t k = 0; k < 3; k++)
            cr_expect_eq(pipeline_asked(&pipeline, wire[i].path, headers[k]), 1, "%s: %s",
                         wire[i].path, headers[k]);
    }
    cr_expect_eq(pipeline_asked(&pipeline, NULL, NULL), 3, "more calls than three");
    pipeline_stop(&pipeline);
}
