/* Two attempts of one upload that both succeed: the first one's video stays. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

/* The reply to the first attempt of `t` is lost, its video is not listed yet, and its callback
 * comes when the second one is through. Returns the video that is kept; to be freed. */
static char *make_duplicate_of(const char *file, const char *setting)
{
    static const char *words[] = {NULL, "REELQ_UNKNOWN_GRACE=500ms", "REELQ_LEASE=500ms",
                                  "REELQ_BREAKER=10000", NULL};

    words[0] = setting;
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = words,
                                                         .sandbox = LIST("--list-delay", "20000")});
    pipeline_faults(&pipeline, "upload:reset-after=x1 callback:late(2000)=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/%s\",\"index\":[]}", file);
    return pipeline_pick(pipeline_await(&pipeline, "ready", "t"), "video_id");
}

static char *make_duplicate(const char *setting)
{
    return make_duplicate_of("a.mp4", setting);
}

static unsigned deleted(const char *video_id)
{
    return pipeline_paid(&pipeline, "\"op\":\"delete\"", video_id);
}

/* What happens to the call that deletes it; how it ends. */
static const struct {
    const char *setting, *faults;
    const char *end;  /* in the event, NULL: nothing about it */
    unsigned deleted; /* in VideoDB */
} cases[] = {
    {"REELQ_DUPLICATES=report", "", NULL, 0},
    {"REELQ_DUPLICATES=delete", "", "\"deleted\":true", 1},
    {"REELQ_DUPLICATES=delete", "video:500=x2", "\"deleted\":true", 1},
    {"REELQ_DUPLICATES=delete", "video:429(1)=x1", "\"deleted\":true", 1},
    {"REELQ_DUPLICATES=delete", "video:401=x1", "\"deleted\":true", 1},
    {"REELQ_DUPLICATES=delete", "video:reset-after=x1", "\"deleted\":true", 1},
    {"REELQ_DUPLICATES=delete", "video:405=1", "\"deleted\":false", 0},
    {"REELQ_DUPLICATES=delete", "video:403=1", "\"deleted\":false", 0},
};

Test(duplicates, are_reported_or_deleted)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *kept = make_duplicate(cases[i].setting);
        pipeline_faults(&pipeline, cases[i].faults);
        const char *event = pipeline_await(&pipeline, "duplicate", "t");
        char *other = pipeline_pick(event, "video_id");
        pipeline_has(cases[i].faults, event, kept);
        cr_expect_str_neq(other, kept);
        if (cases[i].end != NULL)
            pipeline_has(cases[i].faults, event, cases[i].end);
        else
            cr_expect_null(strstr(event, "deleted"), "%s", event);
        cr_expect_eq(deleted(other), cases[i].deleted, "%s: %s", cases[i].setting, cases[i].faults);
        cr_expect_eq(deleted(kept), 0, "the video that is kept is deleted");
        cr_expect_eq(witness_events(pipeline.witness, "duplicate", NULL), 1);
        cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);
        free(other);
        free(kept);
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}

/* The worker dies while it looks what it may delete: the next one finds the callback where it was
 * left. */
Test(duplicates, the_worker_dies)
{
    char *kept = make_duplicate("REELQ_DUPLICATES=delete");
    pipeline_faults(&pipeline, "video:hang=x1");
    pipeline_await_asked(&pipeline, "/video/", NULL, 1);
    process_signal(pipeline.workers[0], SIGKILL);
    (void)process_wait(pipeline.workers[0]);
    cr_expect_eq(witness_events(pipeline.witness, "duplicate", NULL), 0);
    (void)pipeline_worker(&pipeline);
    const char *event = pipeline_await(&pipeline, "duplicate", "t");
    pipeline_has("event", event, "\"deleted\":true");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"delete\"", NULL), 1);
    cr_expect_eq(deleted(kept), 0);
    free(kept);
    pipeline_stop(&pipeline);
}

static void call_back(const char *id, const char *video_id)
{
    char *body = xasprintf("{\"success\":true,\"data\":{\"id\":\"%s\"}}", video_id);

    cr_assert_eq(pipeline_callback(&pipeline, "upload", id, 1, body), 200);
    free(body);
}

/* What is no duplicate stays: the video itself, and one that another task has. */
Test(duplicates, nothing_else_is_deleted)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST("REELQ_DUPLICATES=delete")});
    for (int i = 1; i <= 2; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%d\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}",
                        i);
    char *mine = pipeline_pick(pipeline_await(&pipeline, "ready", "t1"), "video_id");
    char *other = pipeline_pick(pipeline_await(&pipeline, "ready", "t2"), "video_id");
    call_back("t1", mine);
    call_back("t1", other);
    const char *event = pipeline_await(&pipeline, "duplicate", "t1");
    pipeline_has("event", event, other);
    pipeline_has("event", event, "\"deleted\":false");
    call_back("t1", "m-nobody");
    pipeline_has("gone", pipeline_await_nth(&pipeline, "duplicate", "t1", 2), "\"deleted\":true");
    cr_expect_eq(witness_events(pipeline.witness, "duplicate", NULL), 2);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"delete\"", NULL), 0);
    free(mine);
    free(other);
    pipeline_stop(&pipeline);
}

/* One medium of each kind, and an id of a kind that nobody knows: what VideoDB does not have is
 * gone, and of what nobody can ask that is not said. */
Test(duplicates, every_kind_of_medium_is_looked_for)
{
    static const char *const ids[] = {"m-none", "a-none", "img-none", "x-none"};
    static const char *const asked[] = {"/video/m-none", "/audio/a-none", "/image/img-none"};

    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST("REELQ_DUPLICATES=delete")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp3\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "t");
    for (unsigned i = 0; i < COUNT(ids); i++) {
        call_back("t", ids[i]);
        const char *event = pipeline_await_nth(&pipeline, "duplicate", "t", i + 1);
        pipeline_has(ids[i], event, ids[i]);
        pipeline_has(ids[i], event, i < COUNT(asked) ? "\"deleted\":true" : "\"deleted\":false");
        if (i < COUNT(asked))
            cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", asked[i]), 1, "%s", asked[i]);
    }
    cr_expect_eq(pipeline_asked(&pipeline, "\"DELETE\"", NULL), 0, "there is nothing");
    pipeline_stop(&pipeline);
}

/* A second piece of audio is really gone. */
Test(duplicates, audio_is_deleted)
{
    char *kept = make_duplicate_of("a.mp3", "REELQ_DUPLICATES=delete");
    const char *event = pipeline_await(&pipeline, "duplicate", "t");
    char *other = pipeline_pick(event, "video_id");
    pipeline_has("event", event, "\"deleted\":true");
    cr_expect_eq(deleted(other), 1, "%s is still there", other);
    cr_expect_eq(deleted(kept), 0);
    free(other);
    free(kept);
    pipeline_stop(&pipeline);
}

/* A key that may not delete may upload all the same. */
Test(duplicates, refused_deletions_block_nothing)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){.worker = LIST("REELQ_DUPLICATES=delete")});
    pipeline_faults(&pipeline, "video:403=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "t");
    for (unsigned i = 1; i <= 4; i++) {
        char *id = xasprintf("m-none%u", i);
        call_back("t", id);
        pipeline_has(id, pipeline_await_nth(&pipeline, "duplicate", "t", i), "\"deleted\":false");
        free(id);
    }
    cr_expect_null(strstr(process_log(pipeline.workers[0]), "api-blocked"));
    pipeline_stop(&pipeline);
}

/* While the API fails one look is a probe, and the others wait for its end. */
Test(duplicates, one_deletion_is_a_probe)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .worker = LIST("REELQ_DUPLICATES=delete", "REELQ_BREAKER=1",
                                                 "REELQ_PROBE_INTERVAL=10ms", "REELQ_LEASE=500ms",
                                                 "REELQ_API_TIMEOUT=30s")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "t");
    pipeline_faults(&pipeline, "video:500=x1 video:hang=x1");
    call_back("t", "m-none0");
    pipeline_await_asked(&pipeline, "/video/", NULL, 2); /* which hangs */
    for (unsigned i = 1; i <= 4; i++) {
        char *id = xasprintf("m-none%u", i);
        call_back("t", id);
        free(id);
    }
    pipeline_submit(&pipeline, "{\"id\":\"later\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    pipeline_await_log(&pipeline, "duplicate-not-deleted", 5);
    cr_expect_eq(pipeline_asked(&pipeline, "/video/", NULL), 2, "a burst");
    cr_expect_eq(pipeline_asked(&pipeline, "\"POST\"", "/upload"), 1, "a second probe");
    process_signal(pipeline.workers[0], SIGKILL);
    (void)process_wait(pipeline.workers[0]);
    (void)pipeline_worker(&pipeline);
    (void)pipeline_await_nth(&pipeline, "duplicate", "t", 5);
    (void)pipeline_await(&pipeline, "ready", "later");
    pipeline_stop(&pipeline);
}

/* The callback of the first call has come while the second one is answered at once, with its video.
 */
Test(duplicates, one_that_comes_by_a_reply)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "upload:latency(700)=x1 upload:sync-done=x1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 1);
    int status = pipeline_callback(&pipeline, "upload", "t", 1,
                                   "{\"success\":true,\"data\":{\"id\":\"m-first\"}}");
    cr_expect_eq(status, 200);
    (void)pipeline_await(&pipeline, "ready", "t");
    const char *event = pipeline_await(&pipeline, "duplicate", "t");
    pipeline_has("kept", event, "\"kept\":\"m-first\"");
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "t"), 1);
    pipeline_stop(&pipeline);
}
