#include <string.h>

#include "support/steps.h"

static struct transition_child children[] = {
    {(char[]){"a/words"}, (char[]){"words"}, (char[]){"{\"w\":1}"}},
    {(char[]){"a/scenes"}, (char[]){"scenes"}, (char[]){"{\"s\":1}"}},
};

/* Claims the bare id, and runs that task again. */
static bool rerun(struct queue_fixture *f, const char *id, struct submission_rerun rerun)
{
    steps_push(f, id);
    cr_assert_eq(steps_claim(f, 1), 1);
    rerun.member = slice_text(f->members[0]);
    if (rerun.record == NULL) {
        rerun.record = steps_read(f, id);
    }
    return steps_rerun(f, &rerun);
}

Test(script_rerun, the_whole_task)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.request = "{\"url\":\"v\"}", .max_attempts = 9};
    struct record *record;

    steps_end(f, steps_start(f, "a", "b", 1), false);
    queue_fixture_ask(f, "HSET q:task:a crashes 2 asks 3 why x output_url y");
    queue_fixture_ask(f, "HSET q:task:a labels w index:w {} indexes {} video v open 1");
    queue_fixture_messages(f);
    queue_fixture_events(f);
    cr_expect(rerun(f, "a", again));
    cr_expect_str_eq(queue_fixture_events(f),
                     "rerun a {\"event\":\"rerun\",\"id\":\"a\",\"at\":T}\n");
    EXPECT_ASK(f, "queued 0 call {\"url\":\"v\"} " STEPS_META " 9 upload",
               "HMGET q:task:a state attempt purpose request about max_attempts kind");
    EXPECT_ASK(f, "1", "HGET q:task:a calls");
    EXPECT_ASK(f, "(nil) (nil) (nil) (nil) (nil) (nil)",
               "HMGET q:task:a crashes asks why output_url failure failed_at");
    EXPECT_ASK(f, "(nil) (nil) (nil) (nil) (nil)",
               "HMGET q:task:a labels index:w indexes video open");
    EXPECT_ASK(f, "0 1", "HMGET q:batch:b failed total");
    EXPECT_ASK(f, "0", "EXISTS q:dead q:taken");
    EXPECT_SOUND(f);

    record = steps_resume(f);
    cr_assert_not_null(record);
    cr_expect_eq(record_int(record, RECORD_attempt), 1);
    steps_end(f, record, true);
    cr_expect_str_eq(
        queue_fixture_messages(f),
        "ready {\"event\":\"ready\",\"id\":\"a\",\"video_id\":\"m-1\"," STEPS_META
        ",\"attempts\":1,\"submitted_at\":T,\"ready_at\":T}\n"
        "batch {\"event\":\"batch\",\"id\":\"b\",\"total\":1,\"ready\":1,\"failed\":0}\n");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_rerun, only_a_failed_task_and_only_once)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.child_count = 0};
    struct record *failed;

    cr_expect(rerun(f, "nobody", again));
    EXPECT_ASK(f, "0", "EXISTS q:task:nobody q:taken q:tasks");
    steps_start(f, "a", "", 0);
    cr_expect(rerun(f, "a", again));
    EXPECT_ASK(f, "running", "HGET q:task:a state");
    EXPECT_ASK(f, "0", "EXISTS q:taken q:tasks");

    steps_end(f, steps_read(f, "a"), false);
    failed = steps_read(f, "a");
    cr_expect(rerun(f, "a", again));
    again.record = failed;
    again.member = slice_text(f->members[0]);
    cr_expect(steps_rerun(f, &again), "sent again after a lost reply");
    EXPECT_ASK(f, "1", "LLEN q:tasks");
    steps_end(f, steps_resume(f), false);
    again.member = slice_text("1:gone");
    cr_expect(steps_rerun(f, &again), "even when it has failed again meanwhile");
    EXPECT_ASK(f, "failed", "HGET q:task:a state");
    EXPECT_ASK(f, "0", "LLEN q:tasks");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_rerun, a_video_that_exists_gets_only_its_failed_indexes_again)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.child_count = 1, .children = &children[1]};
    struct record *words, *scenes;

    steps_index(f, steps_start(f, "a", "b", 1), "m-7");
    words = steps_resume(f);
    scenes = steps_resume(f);
    steps_end(f, words, true);
    steps_end(f, scenes, false);
    queue_fixture_messages(f);
    queue_fixture_ask(f, "DEL q:task:a/scenes");
    cr_expect(rerun(f, "a", again), "also when the child's record has expired");
    EXPECT_ASK(f, "indexing 1 1 (nil) (nil)",
               "HMGET q:task:a state open attempt failure failed_labels");
    EXPECT_ASK(f, "0", "HEXISTS q:task:a index:scenes");
    EXPECT_ASK(f, "queued 0 a index 3 scenes m-7 c-1 b",
               "HMGET q:task:a/scenes state attempt parent kind max_attempts label video_id "
               "collection_id batch");
    EXPECT_ASK(f, "ready", "HGET q:task:a/words state");
    EXPECT_ASK(f, "0", "HGET q:batch:b failed");
    EXPECT_SOUND(f);
    scenes = steps_resume(f);
    cr_assert_not_null(scenes);
    cr_expect_str_eq(scenes->id, "a/scenes");
    cr_expect(record_is(scenes, RECORD_request, "{\"s\":1}"));
    steps_end(f, scenes, true);
    cr_expect_not_null(strstr(queue_fixture_messages(f),
                              "\"indexes\":{\"words\":{\"state\":\"done\"},"
                              "\"scenes\":{\"state\":\"done\"}}"));
    EXPECT_ASK(f, "ready", "HGET q:task:a state");
    EXPECT_ASK(f, "1 0", "HMGET q:batch:b ready failed");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_rerun, both_indexes_in_the_order_given)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.child_count = 2, .children = children};
    struct record *words, *scenes;

    steps_index(f, steps_start(f, "a", "", 0), "m-7");
    words = steps_resume(f);
    scenes = steps_resume(f);
    steps_end(f, scenes, false);
    steps_end(f, words, false);
    EXPECT_ASK(f, "scenes words", "HGET q:task:a failed_labels");
    cr_expect(rerun(f, "a", again));
    words = steps_resume(f);
    scenes = steps_resume(f);
    cr_assert(words != NULL && scenes != NULL);
    cr_expect_str_eq(words->id, "a/words");
    cr_expect_str_eq(scenes->id, "a/scenes");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_rerun, other_batches_than_read_change_nothing)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.child_count = 0};

    steps_end(f, steps_start(f, "a", "b1", 1), false);
    again.record = steps_read(f, "a");
    queue_fixture_ask(f, "HSET q:task:a batch %s", "b1 b2");
    cr_expect(!rerun(f, "a", again));
    EXPECT_ASK(f, "failed", "HGET q:task:a state");
    EXPECT_ASK(f, "1", "HGET q:batch:b1 failed");
    EXPECT_ASK(f, "1", "ZCARD q:taken");
    again.record = NULL;
    cr_expect(rerun(f, "a", again));
    EXPECT_ASK(f, "0", "HGET q:batch:b1 failed");
    EXPECT_ASK(f, "0", "EXISTS q:batch:b2");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_rerun, a_failed_task_submitted_for_another_batch_counts_there)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_rerun again = {.child_count = 0};
    struct admission admission;

    steps_end(f, steps_start(f, "a", "b1", 1), false);
    queue_fixture_messages(f);
    steps_push(f, "{}");
    steps_claim(f, 1);
    admission = steps_upload(f->members[0], "a", "b2");
    admission.batch_size = 1;
    steps_admit(f, &admission, 1);
    cr_assert_eq(f->admitted[0].result, ADMISSION_KNOWN);
    cr_expect_str_eq(f->admitted[0].state, "failed");
    steps_admit(f, &admission, 1);
    again.member = admission.member;
    again.record = steps_read(f, "a");
    cr_expect(record_is(again.record, RECORD_batch, "b1 b2"));
    cr_expect(steps_rerun(f, &again));
    EXPECT_ASK(f, "1 1 0", "HMGET q:batch:b2 members total failed");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    steps_end(f, steps_resume(f), true);
    cr_expect_not_null(
        strstr(queue_fixture_messages(f), "\"id\":\"b2\",\"total\":1,\"ready\":1,\"failed\":0"));
    EXPECT_ASK(f, "1 0", "HMGET q:batch:b1 ready failed");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}
