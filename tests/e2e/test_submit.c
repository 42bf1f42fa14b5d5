/* What users push: mistakes, repeats, batches, running again. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

/* --- mistakes --------------------------------------------------------------------------------- */

#define URL "\"url\":\"https://e.com/a.mp4\""

static const struct {
    const char *item;
    const char *parts[2];
} mistakes[] = {
    {"{", {"\"stage\":\"submit\"", "broken JSON"}},
    {"{\"url\":\"https://e.com/a.mp4\"", {"broken JSON"}},
    {"[1]", {"must be a JSON object or a task id"}},
    {"\"text\"", {"must be a JSON object or a task id"}},
    {"not an id", {"must be a JSON object or a task id"}},
    {"42", {"\"id\":\"42\"", "No such task"}},
    {"true", {"\"id\":\"true\"", "No such task"}},
    {"null", {"\"id\":\"null\"", "No such task"}},
    {"nobody", {"\"id\":\"nobody\"", "No such task"}},
    {"bob@123", {"\"id\":\"bob\"", "No such task"}},
    {"bob?1", {"\"id\":\"bob\"", "No such task"}},
    {"{}", {"url"}},
    {"{\"id\":\"own-1\"}", {"\"id\":\"own-1\"", "url"}},
    {"{\"id\":\"own-2\"," URL ",\"colour\":\"red\",\"meta\":{\"k\":1.0}}",
     {"colour", "\"meta\":{\"k\":1.0}"}},
    {"{\"id\":\"own-3\",\"url\":17}", {"\"id\":\"own-3\"", "url"}},
    {"{\"id\":\"own-4\",\"url\":\"file:///etc/passwd\"}", {"\"id\":\"own-4\"", "url"}},
    {"{\"id\":\"own-5\"," URL ",\"url\":\"https://e.com/b.mp4\"}", {"url", "twice"}},
    {"{\"id\":\"bad id\"," URL "}", {"id: "}},
    {"{\"id\":\"own-6\"," URL ",\"index\":[\"words\"]}", {"index[0]"}},
    {"{\"id\":\"own-7\"," URL ",\"index\":\"scenes\"}", {"index"}},
    {"{\"id\":\"own-8\"," URL ",\"media_type\":\"film\"}", {"media_type"}},
    {"{\"id\":\"own-9\"," URL ",\"media_type\":\"audio\",\"index\":[\"scenes\"]}", {"only videos"}},
    {"{\"id\":\"own-10\"," URL ",\"max_attempts\":0}", {"max_attempts"}},
    {"{\"id\":\"own-11\"," URL ",\"batch_size\":2}", {"batch_size"}},
    {"{\"id\":\"own-12\",\"type\":\"index\",\"index\":\"scenes\"}", {"video_id"}},
    {"{\"id\":\"own-13\",\"type\":\"index\",\"video_id\":\"m-1\",\"index\":[\"scenes\"]}",
     {"index"}},
    {"{\"id\":\"own-14\",\"type\":\"delete\"}", {"type"}},
    {"{\"type\":\"batch\",\"id\":\"own-15\"}", {"tasks"}},
    {"{\"type\":\"batch\",\"id\":\"own-16\",\"tasks\":[1]}", {"tasks[0]"}},
};

Test(submit, mistakes_are_answered_and_named)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        pipeline_submit(&pipeline, "%s", mistakes[i].item);
        const char *failed =
            witness_event(pipeline.witness, "failed", NULL, (unsigned)i + 1, PIPELINE_WAIT_MS);
        cr_assert_not_null(failed, "%s: nothing is said", mistakes[i].item);
        for (size_t k = 0; k < 2 && mistakes[i].parts[k] != NULL; k++)
            pipeline_has(mistakes[i].item, failed, mistakes[i].parts[k]);
        pipeline_has(mistakes[i].item, failed, "\"action\":\"");
    }
    pipeline_submit(&pipeline, "{\"id\":\"good\"," URL ",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "good");
    cr_expect_eq(witness_messages(pipeline.witness, "failed", NULL), COUNT(mistakes));
    cr_expect_eq(pipeline_asked(&pipeline, NULL, NULL), 1, "the API hears of none of them");
    pipeline_stop(&pipeline);
}

Test(submit, huge_and_deep_items)
{
    char *huge = xcalloc(1, (2 << 20) + 1);
    char *deep = xcalloc(1, 2001);

    pipeline_start(&pipeline, &(struct pipeline_options){0});
    memset(huge, 'x', 2 << 20);
    memset(deep, '[', 2000);
    pipeline_submit(&pipeline, "{\"id\":\"huge\"," URL ",\"description\":\"%s\"}", huge);
    const char *failed = witness_event(pipeline.witness, "failed", NULL, 1, PIPELINE_WAIT_MS);
    cr_assert_not_null(failed);
    pipeline_has("huge", failed, "at most 1048576");
    cr_expect_lt(strlen(failed), 2000, "the item itself is not repeated");
    pipeline_submit(&pipeline, "{\"id\":\"deep\"," URL ",\"meta\":%s", deep);
    failed = witness_event(pipeline.witness, "failed", NULL, 2, PIPELINE_WAIT_MS);
    cr_assert_not_null(failed);
    pipeline_has("deep", failed, "deep");
    free(huge);
    free(deep);
    pipeline_stop(&pipeline);
}

/* --- repeats ---------------------------------------------------------------------------------- */

/* Everything that was pushed before is through when this one is: one task at a time. */
static void sentinel(const char *id)
{
    pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/s.mp3\"}", id);
    (void)pipeline_await(&pipeline, "ready", id);
}

Test(submit, an_id_runs_once)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_CONCURRENCY=1")});
    for (int i = 0; i < 3; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t\"," URL "}");
    (void)pipeline_await(&pipeline, "ready", "t");
    pipeline_submit(&pipeline, "{\"id\":\"t\"," URL "}");
    pipeline_submit(&pipeline, "t");
    sentinel("s");
    pipeline_await_log(&pipeline, "repeat id=t", 4);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);
    cr_expect_eq(pipeline_paid(&pipeline, "a.mp4", "\"op\":\"upload\""), 1);
    pipeline_stop(&pipeline);
}

Test(submit, a_failed_task_runs_again)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "upload:418=x2");
    pipeline_submit(&pipeline, "{\"id\":\"t\"," URL ",\"index\":[],\"meta\":[1.0]}");
    (void)pipeline_await(&pipeline, "failed", "t");
    cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:dead"), 1);
    pipeline_submit(&pipeline, "t");
    pipeline_has("again", pipeline_await_nth(&pipeline, "failed", "t", 2), "\"attempts\":1");
    /* The whole item works as well. */
    pipeline_submit(&pipeline,
                    "{\"id\":\"t\",\"url\":\"https://e.com/c.mp4\",\"index\":[],\"meta\":[2.0]}");
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    pipeline_has("item", ready, "\"meta\":[2.0]");
    pipeline_has("item", ready, "\"attempts\":1");
    cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:dead"), 0);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 3);
    pipeline_stop(&pipeline);
}

Test(submit, only_the_failed_index_runs_again)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "scene:418=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\"," URL ",\"index\":[\"spoken_words\",\"scenes\"]}");
    const char *failed = pipeline_await(&pipeline, "failed", "t");
    char *video = pipeline_pick(failed, "video_id");
    pipeline_has("failed", failed, "\"stage\":\"index:scenes\"");
    pipeline_has("failed", failed, "\"spoken_words\":{\"state\":\"done\"}");

    pipeline_submit(&pipeline, "t");
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    pipeline_has("ready", ready, video);
    pipeline_has("ready", ready, "\"spoken_words\":{\"state\":\"done\"}");
    pipeline_has("ready", ready, "\"scenes\":{\"state\":\"done\",\"scene_index_id\":\"");
    cr_expect_null(strstr(ready, "\"error\""), "%s", ready);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 1);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL), 1);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_scene\"", NULL), 1);
    free(video);
    pipeline_stop(&pipeline);
}

/* --- batches ---------------------------------------------------------------------------------- */

#define MEMBER(id) "{\"id\":\"" id "\"," URL ",\"index\":[]}"

static void expect_batch(const char *name, unsigned nth, const char *counts)
{
    pipeline_has(name, pipeline_await_nth(&pipeline, "batch", name, nth), counts);
    cr_expect_eq(witness_messages(pipeline.witness, "batch", name), nth, "%s", name);
}

Test(submit, batches)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_CONCURRENCY=1")});
    pipeline_submit(&pipeline,
                    "{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[" MEMBER("b1") "," MEMBER(
                        "b2") ",{\"url\":\"https://e.com/missing.mp4\"},{\"x\":1}]}");
    expect_batch("b", 1, "\"total\":4,\"ready\":2,\"failed\":2");
    pipeline_submit(&pipeline, "{\"type\":\"batch\",\"id\":\"empty\",\"tasks\":[]}");
    expect_batch("empty", 1, "\"total\":0,\"ready\":0,\"failed\":0");
    /* The same once more does nothing. */
    unsigned paid = pipeline_paid(&pipeline, NULL, NULL);
    pipeline_submit(&pipeline, "{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[" MEMBER(
                                   "b1") "," MEMBER("b3") "]}");
    pipeline_submit(&pipeline, "{\"type\":\"batch\",\"id\":\"empty\",\"tasks\":[]}");
    sentinel("s");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), paid + 1);
    cr_expect_eq(witness_messages(pipeline.witness, "batch", NULL), 2);
    /* Single items, the first size counts; without one there are counts and no message. */
    for (int i = 0; i < 3; i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"c%d\"," URL ",\"index\":[],\"batch\":\"c\",\"batch_size\":%d}",
                        i, 3 + i);
    expect_batch("c", 1, "\"total\":3,\"ready\":3,\"failed\":0");
    pipeline_submit(&pipeline, "{\"id\":\"d1\"," URL ",\"index\":[],\"batch\":\"d\"}");
    pipeline_has("member", pipeline_await(&pipeline, "ready", "d1"), "\"batch\":\"d\"");
    cr_expect_eq(redis_server_integer(pipeline.redis, "HEXISTS reelq:batch:d ready"), 1);
    cr_expect_eq(witness_messages(pipeline.witness, "batch", "d"), 0);
    pipeline_stop(&pipeline);
}

Test(submit, a_batch_speaks_again)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "upload:418=1");
    pipeline_submit(&pipeline, "{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[" MEMBER(
                                   "b1") "," MEMBER("b2") "]}");
    expect_batch("b", 1, "\"total\":2,\"ready\":0,\"failed\":2");
    pipeline_faults(&pipeline, "");
    pipeline_submit(&pipeline, "b1");
    (void)pipeline_await(&pipeline, "ready", "b1");
    expect_batch("b", 2, "\"total\":2,\"ready\":1,\"failed\":1");
    pipeline_submit(&pipeline, "b2");
    expect_batch("b", 3, "\"total\":2,\"ready\":2,\"failed\":0");
    pipeline_stop(&pipeline);
}
