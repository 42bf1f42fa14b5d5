/* Without REELQ_PUBLIC_URL: nothing but an API key. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct pipeline pipeline;

static const struct {
    const char *id, *file, *index, *event, *part;
} tasks[] = {
    {"plain", "a.mp4", "[\"spoken_words\"]", "ready", "\"spoken_words\":{\"state\":\"done\"}"},
    {"both", "a.mp4", "[\"spoken_words\",\"scenes\"]", "ready", "\"scene_index_id\":\""},
    {"audio", "a.mp3", "[]", "ready", "\"video_id\":\"a-"},
    {"flaky", "download-flaky-1.mp4", "[]", "ready", "\"attempts\":2"},
    {"gone", "missing.mp4", "[]", "failed", "\"error\":\"Download failed.\""},
    {"silent", "silent.mp4", "[\"spoken_words\"]", "failed", "no spoken data"},
};

static const char *const forms[] = {"plain", "nested"};

Test(poll, uploads_and_indexes)
{
    for (size_t form = 0; form < COUNT(forms); form++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){.poll = true,
                                                  .sandbox = LIST("--document-form", forms[form])});
        for (size_t i = 0; i < COUNT(tasks); i++)
            pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/%s\",\"index\":%s}",
                            tasks[i].id, tasks[i].file, tasks[i].index);
        for (size_t i = 0; i < COUNT(tasks); i++) {
            const char *json = pipeline_await(&pipeline, tasks[i].event, tasks[i].id);
            pipeline_has(tasks[i].id, json, tasks[i].part);
            cr_expect_eq(witness_messages(pipeline.witness, NULL, tasks[i].id), 1);
        }
        cr_expect_eq(pipeline_asked(&pipeline, "callback_url", NULL), 0, "a callback is asked for");
        cr_expect_gt(pipeline_asked(&pipeline, "\"GET\"", "/async-response/"), 0);
        pipeline_stop(&pipeline);
    }
}

/* No job to look at: the lists are asked. */
Test(poll, without_a_job)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.poll = true});
    pipeline_faults(&pipeline, "upload:no-data=1 index:no-data=1 scene:no-data=1");
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\","
                               "\"index\":[\"spoken_words\",\"scenes\"]}");
    pipeline_has("ready", pipeline_await(&pipeline, "ready", "t"), "\"scene_index_id\":\"");
    cr_expect_eq(pipeline_paid(&pipeline, NULL, NULL), 3);
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

/* Faults of the questions themselves cost nothing but time. */
static const char *const faults[] = {"async:500=x2",         "async:429(1)=x1",
                                     "async:reset-after=x2", "async:broken-json=x2",
                                     "async:404=x1",         "async:cut=x1"};

Test(poll, questions_that_fail)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.poll = true});
    for (size_t i = 0; i < COUNT(faults); i++) {
        char id[3] = {'t', (char)('0' + i), '\0'};
        pipeline_faults(&pipeline, faults[i]);
        pipeline_submit(&pipeline, "{\"id\":\"%s\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}",
                        id);
        pipeline_has(faults[i], pipeline_await(&pipeline, "ready", id), "\"attempts\":1");
        unsigned paid = pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL);
        cr_expect_eq(paid, i + 1, "%s: %u uploads", faults[i], paid);
    }
    pipeline_stop(&pipeline);
}

/* A job that never ends fails with that word, and is not called again. */
static const struct {
    const char *file, *index, *stage;
    unsigned uploads, indexes;
} stuck[] = {{"stuck.mp4", "spoken_words", "\"stage\":\"upload\"", 1, 0},
             {"stuck-index.mp4", "spoken_words", "\"stage\":\"index:spoken_words\"", 1, 1},
             {"stuck-index.mp4", "scenes", "\"stage\":\"index:scenes\"", 1, 1}};

Test(poll, jobs_that_never_end)
{
    for (int poll = 0; poll <= 1; poll++) {
        for (size_t i = 0; i < COUNT(stuck); i++) {
            pipeline_start(&pipeline, &(struct pipeline_options){
                                          .poll = poll == 1,
                                          .worker = LIST("REELQ_JOB_TIMEOUT=600ms",
                                                         "REELQ_CALLBACK_TIMEOUT=200ms")});
            pipeline_submit(&pipeline,
                            "{\"id\":\"t\",\"url\":\"https://e.com/%s\",\"index\":[\"%s\"]}",
                            stuck[i].file, stuck[i].index);
            const char *failed = pipeline_await(&pipeline, "failed", "t");
            pipeline_has(stuck[i].file, failed, stuck[i].stage);
            pipeline_has(stuck[i].file, failed, "still processing");
            cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), stuck[i].uploads);
            cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_", NULL), stuck[i].indexes);
            pipeline_stop(&pipeline);
        }
    }
}
