/* What the API is asked about a call of unknown outcome, and by which name a video is found. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

#define ITEM(id, more) "{\"id\":\"" id "\",\"url\":\"https://e.com/a.mp4\",\"index\":[]" more "}"

/* The reply and the callback of `count` uploads get lost, and the reply names no job. */
static void start_silent(const char *setting, const char *faults)
{
    /* A worker that is started later reads it again. */
    static const char *worker[] = {NULL, "REELQ_UNKNOWN_GRACE=700ms",
                                   "REELQ_CALLBACK_TIMEOUT=300ms", "REELQ_LEASE=500ms", NULL};

    worker[0] = setting;
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = worker});
    pipeline_faults(&pipeline, faults);
}

/* Somebody's video of the same name is not taken for ours: the grace ends, and it is paid for
 * twice.
 */
Test(unknown, a_name_of_the_user_says_nothing)
{
    start_silent("REELQ_UNIQUE_NAMES=0", "upload:reset-after=x1 callback:lost=x1");
    pipeline_submit(&pipeline, ITEM("t", ",\"name\":\"Holiday\""));
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":2");
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", NULL), 0, "there is nothing to ask for");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 2);
    pipeline_stop(&pipeline);
}

Test(unknown, a_unique_name_finds_the_video)
{
    start_silent("REELQ_UNIQUE_NAMES=1", "upload:reset-after=x1 callback:lost=x1");
    pipeline_submit(&pipeline, ITEM("t", ",\"name\":\"Holiday\""));
    const char *ready = pipeline_await(&pipeline, "ready", "t");
    pipeline_has("ready", ready, "\"attempts\":1");
    pipeline_has("ready", ready, "\"name\":\"Holiday\"");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 1);
    pipeline_stop(&pipeline);
}

/* Audio and images stand in lists of their own, and only the URL may say what it is. */
static const struct {
    const char *file, *media_type, *id;
    bool poll;
} media[] = {
    {"a.mp3", "", "\"video_id\":\"a-", false},
    {"a.mp3", ",\"media_type\":\"audio\"", "\"video_id\":\"a-", false},
    {"a.png", "", "\"video_id\":\"img-", false},
    {"a.png", ",\"media_type\":\"image\"", "\"video_id\":\"img-", false},
    {"a.mp4", ",\"media_type\":\"video\"", "\"video_id\":\"m-", false},
    {"a.mp3", "", "\"video_id\":\"a-", true},
    {"a.png", ",\"media_type\":\"image\"", "\"video_id\":\"img-", true},
};

Test(unknown, every_kind_of_medium_is_found)
{
    for (size_t i = 0; i < COUNT(media); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .poll = media[i].poll,
                                      .worker = LIST("REELQ_UNKNOWN_GRACE=2s", "REELQ_LEASE=1s")});
        pipeline_faults(&pipeline, "upload:reset-after=x1 callback:lost=x1");
        pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/%s\",\"index\":[]%s}",
                        media[i].file, media[i].media_type);
        const char *ready = pipeline_await(&pipeline, "ready", "t");
        pipeline_has(media[i].file, ready, media[i].id);
        pipeline_has(media[i].file, ready, "\"attempts\":1,");
        cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 1, "%s%s is paid for twice",
                     media[i].file, media[i].media_type);
        pipeline_stop(&pipeline);
    }
}

/* What never arrived is missing when none of the lists has it. */
Test(unknown, all_lists_are_asked)
{
    start_silent("REELQ_UNIQUE_NAMES=0", "upload:reset-before=x1");
    pipeline_submit(&pipeline, ITEM("t", ""));
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":2,");
    unsigned images = pipeline_asked(&pipeline, "\"GET\"", "/image?collection_id=");
    cr_expect_gt(images, 0);
    cr_expect_geq(pipeline_asked(&pipeline, "\"GET\"", "/audio?collection_id="), images);
    cr_expect_geq(pipeline_asked(&pipeline, "\"GET\"", "/video?collection_id="), images);
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 1);
    pipeline_stop(&pipeline);
}

/* Two tasks of one name, one video found: it goes to one of them. */
Test(unknown, a_found_video_has_one_owner)
{
    start_silent("REELQ_UNIQUE_NAMES=1", "");
    pipeline_submit(&pipeline, ITEM("one", ",\"name\":\"Same\""));
    char *first = pipeline_pick(pipeline_await(&pipeline, "ready", "one"), "video_id");
    pipeline_faults(&pipeline, "upload:reset-before=x1");
    pipeline_submit(&pipeline, ITEM("two", ",\"name\":\"Same\""));
    const char *ready = pipeline_await(&pipeline, "ready", "two");
    char *second = pipeline_pick(ready, "video_id");
    cr_expect_str_neq(first, second, "one video for two tasks");
    pipeline_has("two", ready, "\"attempts\":2");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 2);
    free(first);
    free(second);
    pipeline_stop(&pipeline);
}

/* A video may be listed late: the questions go on to the end of the grace. */
Test(unknown, a_video_is_listed_late)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_UNKNOWN_GRACE=5s", "REELQ_LEASE=500ms"),
                                  .sandbox = LIST("--list-delay", "1000")});
    pipeline_faults(&pipeline, "upload:reset-after=x1 callback:lost=x1");
    pipeline_submit(&pipeline, ITEM("t", ""));
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1");
    cr_expect_gt(pipeline_asked(&pipeline, "\"GET\"", "/video?collection_id="), 1);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 1);
    pipeline_stop(&pipeline);
}

/* The callback of the first attempt comes after the grace, when the second one is done. */
Test(unknown, the_first_attempt_succeeds_after_all)
{
    start_silent("REELQ_UNIQUE_NAMES=0", "upload:reset-after=x1 callback:late(2000)=x1");
    pipeline_submit(&pipeline, ITEM("t", ",\"name\":\"Holiday\""));
    char *kept = pipeline_pick(pipeline_await(&pipeline, "ready", "t"), "video_id");
    pipeline_has("kept", pipeline_await(&pipeline, "duplicate", "t"), kept);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);
    free(kept);
    pipeline_stop(&pipeline);
}

/* How many were with VideoDB at once, by the order of the events. */
static int peak(const char *text)
{
    struct slice rest = slice_text(text);
    int now = 0, most = 0;

    while (rest.length > 0) {
        struct slice line = slice_head(rest, slice_find(rest, '\n'));
        now += slice_contains_nocase(line, "\"event\":\"accepted\"");
        now -= slice_contains_nocase(line, "\"event\":\"uploaded\"");
        now -= slice_contains_nocase(line, "\"event\":\"indexed\"");
        most = now > most ? now : most;
        rest = slice_skip(rest, line.length + 1);
    }
    return most;
}

/* No more than so many at VideoDB at once, over all workers; all get through. */
Test(unknown, a_limit_of_awaiting_tasks)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.workers = 2,
                                                         .worker = LIST("REELQ_MAX_AWAITING=2")});
    for (int i = 0; i < 8; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%d\",\"url\":\"https://e.com/%d.mp4\"}", i, i);
    cr_assert_not_null(witness_event(pipeline.witness, "ready", NULL, 8, PIPELINE_WAIT_MS));
    char *text = witness_text(pipeline.witness);
    cr_expect_eq(peak(text), 2, "at most %d at once: %s", peak(text), text);
    free(text);
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 16);
    pipeline_stop(&pipeline);
}

/* So many callbacks wait that the one which settles it comes long after the grace: it was there in
 * time. */
Test(unknown, a_callback_lies_unread)
{
    static const char strangers[] =
        "for i = 1, 20000 do\n"
        "  redis.call('LPUSH', 'reelq:callbacks', '{\"kind\":\"upload\",\"id\":\"nobody\",' ..\n"
        "    '\"call\":1,\"received_at\":1,\"body\":{\"success\":false,\"message\":\"x\"}}')\n"
        "end\n"
        "return 1";

    start_silent("REELQ_LOG_LEVEL=error", "upload:reset-after=x1 callback:lost=x1");
    pipeline_submit(&pipeline, ITEM("t", ",\"name\":\"Holiday\""));
    (void)pipeline_await(&pipeline, "unknown", "t");
    process_signal(pipeline.workers[0], SIGTERM);
    cr_expect_eq(process_wait(pipeline.workers[0]), 0);
    (void)redis_server_integer(pipeline.redis, "EVAL %s 0", strangers);
    int status = pipeline_callback(&pipeline, "upload", "t", 1,
                                   "{\"success\":true,\"data\":{\"id\":\"m-first\"}}");
    cr_expect_eq(status, 200);
    (void)poll(NULL, 0, 1000); /* the grace is over */
    (void)pipeline_worker(&pipeline);
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"attempts\":1");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), 1);
    pipeline_stop(&pipeline);
}
