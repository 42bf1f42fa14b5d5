/* Each row of the answer table, driven through the sandbox. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

struct row {
    const char *id;
    const char *fault;  /* of the sandbox, set before */
    const char *file;   /* of the URL; provokes what its name says */
    const char *fields; /* more of the item, ",..." */
    const char *event;  /* the end */
    const char *step;   /* on the way there, NULL: any */
    const char *parts[4];
    unsigned paid; /* uploads accepted by the API */
};

#define NO_INDEX ",\"index\":[]"
#define RETRIED  "ready", "retry", {"\"attempts\":2"}, 1
#define UNHARMED "ready", "rate_limited", {"\"attempts\":1"}, 1
#define VERIFY   "\"action\":\"Verify the URL and its permissions.\""

static const struct row replies[] = {
    {"accepted", "", "a.mp4", NO_INDEX, "ready", "accepted", {"\"attempts\":1"}, 1},
    {"done", "upload:sync-done=x1", "a.mp4", NO_INDEX, "ready", NULL, {"\"video_id\":\"m-"}, 1},
    {"done-index",
     "upload:sync-done=x1 index:sync-done=x1",
     "a.mp4",
     "",
     "ready",
     "uploaded",
     {"\"spoken_words\":{\"state\":\"done\"}"},
     1},
    {"no-type",
     "upload:no-request-type=x1",
     "a.mp4",
     NO_INDEX,
     "ready",
     "accepted",
     {"\"attempts\":1"},
     1},
    {"no-data", "upload:no-data=x1", "a.mp4", NO_INDEX, "ready", "accepted", {"\"attempts\":1"}, 1},
    {"s429", "upload:429(1)=x1", "a.mp4", NO_INDEX, UNHARMED},
    {"s429-bare", "upload:429=x2", "a.mp4", NO_INDEX, UNHARMED},
    {"s503-told", "upload:503(1)=x1", "a.mp4", NO_INDEX, UNHARMED},
    {"s503", "upload:503=x1", "a.mp4", NO_INDEX, RETRIED},
    {"s500", "upload:500=x1", "a.mp4", NO_INDEX, RETRIED},
    {"s502", "upload:502=x1", "a.mp4", NO_INDEX, RETRIED},
    {"s504", "upload:504=x1", "a.mp4", NO_INDEX, RETRIED},
    {"s500-all",
     "upload:500=x4",
     "a.mp4",
     NO_INDEX,
     "failed",
     "retry",
     {"\"stage\":\"upload\"", "\"attempts\":3"},
     0},
    {"s500-index",
     "index:500=x1",
     "a.mp4",
     "",
     "ready",
     NULL,
     {"\"spoken_words\":{\"state\":\"done\"}"},
     1},
    {"s404",
     "upload:404=x1",
     "a.mp4",
     NO_INDEX,
     "failed",
     NULL,
     {"\"stage\":\"upload\"", "\"attempts\":1", "\"action\":\"Check collection_id"},
     0},
    {"s418",
     "upload:418=x1",
     "a.mp4",
     NO_INDEX,
     "failed",
     NULL,
     {"\"stage\":\"upload\"", "\"attempts\":1"},
     0},
    {"s403", "upload:403=x1", "a.mp4", NO_INDEX, RETRIED},
};

static const struct row verdicts[] = {
    {"flaky", "", "download-flaky-2.mp4", NO_INDEX, "ready", "retry", {"\"attempts\":3"}, 3},
    {"gone",
     "",
     "missing.mp4",
     NO_INDEX,
     "failed",
     "retry",
     {"\"stage\":\"upload\"", "\"error\":\"Download failed.\"", VERIFY, "\"attempts\":3"},
     3},
    {"gone-once",
     "",
     "missing-1.mp4",
     NO_INDEX ",\"max_attempts\":1",
     "failed",
     NULL,
     {VERIFY, "\"attempts\":1"},
     1},
    {"type",
     "",
     "a.mp3",
     ",\"media_type\":\"video\"" NO_INDEX,
     "failed",
     NULL,
     {"\"error\":\"Invalid media type", "\"action\":\"Match media_type to the file.\"",
      "\"attempts\":1"},
     1},
    {"corrupt",
     "",
     "corrupt.mp4",
     NO_INDEX,
     "failed",
     NULL,
     {"\"error\":\"Something went wrong", "\"action\":\"Re-encode the source file.\"",
      "\"attempts\":1"},
     1},
    {"too-long",
     "",
     "too-long.mp4",
     NO_INDEX,
     "failed",
     NULL,
     {"over 3 hours", "\"stage\":\"upload\"", "\"attempts\":1"},
     1},
    {"silent",
     "",
     "silent.mp4",
     "",
     "failed",
     "uploaded",
     {"\"stage\":\"index:spoken_words\"", "\"video_id\":\"m-", "no spoken data found",
      "\"indexes\":{\"spoken_words\":{\"state\":\"failed\""},
     1},
    {"half",
     "",
     "silent.mp4",
     ",\"index\":[\"spoken_words\",\"scenes\"]",
     "failed",
     "uploaded",
     {"\"stage\":\"index:spoken_words\"", "\"video_id\":\"m-",
      "\"spoken_words\":{\"state\":\"failed\"", "\"scenes\":{\"state\":\"done\""},
     1},
};

static void run_row(const struct row *row)
{
    char *url = NULL;

    pipeline_faults(&pipeline, row->fault);
    pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/%s/%s\"%s}", row->id,
                    row->id, row->file, row->fields);
    const char *json = pipeline_await(&pipeline, row->event, row->id);
    for (size_t i = 0; i < COUNT(row->parts) && row->parts[i] != NULL; i++)
        pipeline_has(row->id, json, row->parts[i]);
    if (row->step != NULL) {
        char *steps = witness_steps(pipeline.witness, row->id);
        pipeline_has(row->id, steps, row->step);
        free(steps);
    }
    url = pipeline_pick(json, "url");
    unsigned paid = pipeline_paid(&pipeline, "\"op\":\"upload\"", url);
    cr_expect_eq(paid, row->paid, "%s: %u uploads are paid for", row->id, paid);
    free(url);
    cr_expect_eq(witness_messages(pipeline.witness, NULL, row->id), 1, "%s: one message", row->id);
}

static void run_rows(const struct row *rows, size_t count, const struct pipeline_options *options)
{
    pipeline_start(&pipeline, options);
    for (size_t i = 0; i < count; i++)
        run_row(&rows[i]);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

Test(answers, replies)
{
    run_rows(replies, COUNT(replies), &(struct pipeline_options){0});
}

Test(answers, verdicts_by_callback)
{
    run_rows(verdicts, COUNT(verdicts), &(struct pipeline_options){0});
}

/* The same words in the reply to the call, as HTTP 400 and as 200. */
static const struct row refusals[] = {
    {"refused",
     "upload:sync-done=x1",
     "corrupt.mp4",
     NO_INDEX,
     "failed",
     NULL,
     {"\"error\":\"Something went wrong", "\"action\":\"Re-encode", "\"attempts\":1"},
     1},
    {"refused-all",
     "upload:sync-done=1",
     "missing.mp4",
     NO_INDEX,
     "failed",
     "retry",
     {"\"error\":\"Download failed.\"", VERIFY, "\"attempts\":3"},
     3},
    {"refused-index",
     "index:sync-done=x1",
     "silent.mp4",
     "",
     "failed",
     NULL,
     {"\"stage\":\"index:spoken_words\"", "no spoken data found"},
     1},
};

Test(answers, verdicts_in_the_reply)
{
    run_rows(refusals, COUNT(refusals), &(struct pipeline_options){0});
    run_rows(refusals, COUNT(refusals),
             &(struct pipeline_options){.sandbox = LIST("--business-errors", "200")});
}

/* Sent, and no readable reply: the callback settles it, and nothing is paid for twice. */
#define SETTLED "a.mp4", NO_INDEX, "ready", "unknown", {"\"attempts\":1"}, 1

static const struct row unknowns[] = {
    {"reset", "upload:reset-after=x1 callback:late(200)=x1", SETTLED},
    {"hang", "upload:hang-after=x1 callback:late(1500)=x1", SETTLED},
    {"cut", "upload:cut=x1 callback:late(200)=x1", SETTLED},
    {"broken", "upload:broken-json=x1 callback:late(200)=x1", SETTLED},
    {"not-json", "upload:not-json=x1 callback:late(200)=x1", SETTLED},
};

static const struct row unknown_indexes[] = {
    {"index-reset",
     "index:reset-after=x1 callback:late(200)=x2",
     "a.mp4",
     "",
     "ready",
     NULL,
     {"\"spoken_words\":{\"state\":\"done\"}"},
     1},
    {"scene-cut",
     "scene:cut=x1 callback:late(200)=x2",
     "a.mp4",
     ",\"index\":[\"scenes\"]",
     "ready",
     NULL,
     {"\"scenes\":{\"state\":\"done\""},
     1},
};

Test(answers, unknown_is_settled_by_the_callback)
{
    const struct pipeline_options options = {
        .worker = LIST("REELQ_API_TIMEOUT=500ms", "REELQ_POLL_INTERVAL=1m", "REELQ_BREAKER=100")};

    run_rows(unknowns, COUNT(unknowns), &options);
    pipeline_start(&pipeline, &options);
    for (size_t i = 0; i < COUNT(unknown_indexes); i++)
        run_row(&unknown_indexes[i]);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_", NULL), 2);
    pipeline_stop(&pipeline);
}

/* A reply of 20 MB is not taken in to its end. */
static const struct row oversized[] = {
    {"oversized", "upload:oversized=x1 callback:late(500)=x1", SETTLED},
};

Test(answers, an_oversized_reply_is_unknown)
{
    run_rows(oversized, COUNT(oversized),
             &(struct pipeline_options){.worker = LIST("REELQ_POLL_INTERVAL=1m")});
}

/* No callback either: the API is asked. It knows: taken. It does not: tried again after the grace.
 */
static const struct row silences[] = {
    {"asked",
     "upload:reset-after=x1 callback:lost=1",
     "a.mp4",
     NO_INDEX,
     "ready",
     "unknown",
     {"\"attempts\":1"},
     1},
    {"asked-index",
     "index:reset-after=x1 callback:lost=x2",
     "a.mp4",
     "",
     "ready",
     NULL,
     {"\"spoken_words\":{\"state\":\"done\"}"},
     1},
    {"asked-scene",
     "scene:hang-after=x1 callback:lost=x2",
     "a.mp4",
     ",\"index\":[\"scenes\"]",
     "ready",
     NULL,
     {"\"scenes\":{\"state\":\"done\",\"scene_index_id\":\""},
     1},
    {"never-sent",
     "upload:reset-before=x1",
     "a.mp4",
     NO_INDEX,
     "ready",
     "unknown retry accepted",
     {"\"attempts\":2"},
     1},
    {"hung-up",
     "upload:hang=x1",
     "a.mp4",
     NO_INDEX,
     "ready",
     "unknown retry accepted",
     {"\"attempts\":2"},
     1},
    {"given-up",
     "upload:reset-before=x3",
     "a.mp4",
     NO_INDEX,
     "failed",
     "unknown retry unknown retry unknown",
     {"stayed unknown", "\"attempts\":3"},
     0},
};

Test(answers, unknown_is_asked_about_then_tried_again)
{
    run_rows(silences, COUNT(silences),
             &(struct pipeline_options){.worker = LIST("REELQ_UNKNOWN_GRACE=600ms",
                                                       "REELQ_CALLBACK_TIMEOUT=300ms",
                                                       "REELQ_API_TIMEOUT=300ms",
                                                       "REELQ_LEASE=500ms", "REELQ_BREAKER=100")});
}
