/* VideoDB bills a second scene index of one video without a word: none is made twice. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

static void start(const char *time_ms)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .worker = LIST("REELQ_UNKNOWN_GRACE=1s", "REELQ_LEASE=500ms",
                                      "REELQ_CALLBACK_TIMEOUT=300ms", "REELQ_BREAKER=10000"),
                       .sandbox = LIST("--index-time", time_ms, "--async-data", "off")});
}

/* A video to be indexed; the caller frees its id. */
static char *upload(void)
{
    pipeline_submit(&pipeline, "{\"id\":\"v\",\"url\":\"https://e.com/v.mp4\",\"index\":[]}");
    return pipeline_pick(pipeline_await(&pipeline, "ready", "v"), "video_id");
}

static void index_scenes(const char *id, const char *video, const char *fields)
{
    pipeline_submit(&pipeline,
                    "{\"type\":\"index\",\"id\":\"%s\",\"video_id\":\"%s\","
                    "\"index\":{\"type\":\"scenes\"%s}}",
                    id, video, fields);
}

static unsigned paid(void)
{
    return pipeline_paid(&pipeline, "\"op\":\"index_scene\"", NULL);
}

#define CHOSEN ",\"name\":\"mine\""

/* How a call ends whose outcome nobody knows; how often it is made and paid for. */
static const struct {
    const char *faults, *fields, *attempts;
    unsigned paid;
} calls[] = {
    {"scene:reset-after=x1 callback:lost=1", "", "\"attempts\":1,", 1},
    {"scene:reset-after=x1 callback:lost=1", CHOSEN, "\"attempts\":1,", 1},
    {"scene:reset-before=x1", "", "\"attempts\":2,", 1},
    {"scene:reset-before=x1", CHOSEN, "\"attempts\":2,", 1},
    {"callback:lost=1", CHOSEN, "\"attempts\":1,", 1},
};

Test(scenes, an_unknown_outcome)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        start("100");
        char *video = upload();
        pipeline_faults(&pipeline, calls[i].faults);
        index_scenes("i", video, calls[i].fields);
        const char *ready = pipeline_await(&pipeline, "ready", "i");
        pipeline_has(calls[i].faults, ready, calls[i].attempts);
        pipeline_has(calls[i].faults, ready, "\"scene_index_id\":\"");
        cr_expect_eq(paid(), calls[i].paid, "%s: %u", calls[i].faults, paid());
        free(video);
        pipeline_stop(&pipeline);
    }
}

/* VideoDB says that it is there, with its id: done, or still being made. */
static const struct {
    const char *time_ms, *first;
} states[] = {{"50", "ready"}, {"1500", "accepted"}};

Test(scenes, one_exists)
{
    for (size_t i = 0; i < COUNT(states); i++) {
        start(states[i].time_ms);
        char *video = upload();
        pipeline_faults(&pipeline, "scene:exists=1 callback:lost=1");
        index_scenes("i1", video, CHOSEN);
        (void)pipeline_await(&pipeline, states[i].first, "i1");
        index_scenes("i2", video, CHOSEN);
        char *second = pipeline_pick(pipeline_await(&pipeline, "ready", "i2"), "scene_index_id");
        char *first = pipeline_pick(pipeline_await(&pipeline, "ready", "i1"), "scene_index_id");
        cr_expect_str_eq(first, second);
        cr_expect_eq(paid(), 1, "%u", paid());
        free(first);
        free(second);
        free(video);
        pipeline_stop(&pipeline);
    }
}

/* The list says that it has failed: so it is, and no second one is made. */
Test(scenes, one_fails_in_the_list)
{
    start("50");
    char *video = upload();
    pipeline_faults(&pipeline, "scene:fails=x1 callback:lost=1");
    index_scenes("i", video, CHOSEN);
    pipeline_has("failed", pipeline_await(&pipeline, "failed", "i"), "VideoDB gave no reason.");
    cr_expect_eq(paid(), 1, "%u", paid());
    free(video);
    pipeline_stop(&pipeline);
}

/* Two of one name: the second task does not take the first one's, whether its own was made or not.
 */
static const struct {
    const char *faults, *attempts;
} seconds[] = {
    {"scene:reset-after=x1 callback:lost=1", "\"attempts\":1,"},
    {"scene:reset-before=x1", "\"attempts\":2,"},
};

Test(scenes, two_of_one_name)
{
    for (size_t i = 0; i < COUNT(seconds); i++) {
        start("50");
        char *video = upload();
        index_scenes("i1", video, CHOSEN);
        char *first = pipeline_pick(pipeline_await(&pipeline, "ready", "i1"), "scene_index_id");
        pipeline_faults(&pipeline, seconds[i].faults);
        index_scenes("i2", video, CHOSEN);
        const char *ready = pipeline_await(&pipeline, "ready", "i2");
        char *second = pipeline_pick(ready, "scene_index_id");
        pipeline_has(seconds[i].faults, ready, seconds[i].attempts);
        cr_expect_str_neq(first, second, "%s: one index for two", seconds[i].faults);
        cr_expect_eq(paid(), 2, "%u", paid());
        free(first);
        free(second);
        free(video);
        pipeline_stop(&pipeline);
    }
}

/* And the other way round: the first one was made, nobody knows, and stands before the other's. */
Test(scenes, one_stands_before_another)
{
    start("50");
    char *video = upload();
    pipeline_faults(&pipeline, "scene:reset-after=x1 callback:lost=x1 status:500=1");
    index_scenes("i1", video, CHOSEN);
    (void)pipeline_await(&pipeline, "unknown", "i1");
    index_scenes("i2", video, CHOSEN);
    char *second = pipeline_pick(pipeline_await(&pipeline, "ready", "i2"), "scene_index_id");
    pipeline_faults(&pipeline, "");
    const char *ready = pipeline_await(&pipeline, "ready", "i1");
    char *first = pipeline_pick(ready, "scene_index_id");
    pipeline_has("i1", ready, "\"attempts\":1,");
    cr_expect_str_neq(first, second);
    cr_expect_eq(paid(), 2, "%u", paid());
    free(first);
    free(second);
    free(video);
    pipeline_stop(&pipeline);
}
