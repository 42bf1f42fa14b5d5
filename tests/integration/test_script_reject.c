#include "support/steps.h"

#define FAILURE "\"stage\":\"submit\",\"error\":\"No url.\""
#define MESSAGE                                                                                    \
    "failed {\"event\":\"failed\",\"id\":\"x\"," FAILURE "," STEPS_META                            \
    ",\"attempts\":0,\"submitted_at\":T,\"failed_at\":T}\n"

static struct submission_reject mistake(struct queue_fixture *f)
{
    steps_push(f, "{}");
    cr_assert_eq(steps_claim(f, 1), 1);
    return (struct submission_reject){.member = slice_text(f->members[0]),
                                      .id = "x",
                                      .failure = FAILURE,
                                      .about = STEPS_META,
                                      .batch = "b",
                                      .batch_size = 1,
                                      .keep = true};
}

Test(script_reject, a_mistake_becomes_a_failed_task)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_reject reject = mistake(f);

    cr_expect(steps_reject(f, &reject));
    cr_expect_str_eq(
        queue_fixture_messages(f),
        MESSAGE "batch {\"event\":\"batch\",\"id\":\"b\",\"total\":1,\"ready\":0,\"failed\":1}\n");
    EXPECT_ASK(f, "failed 0 b", "HMGET q:task:x state attempt batch");
    EXPECT_ASK(f, "1 1 1", "HMGET q:batch:b members total failed");
    EXPECT_ASK(f, "b", "ZRANGE q:batches 0 -1");
    EXPECT_ASK(f, "x", "ZRANGE q:dead 0 -1");
    EXPECT_ASK(f, "2", "XLEN q:events");
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    EXPECT_SOUND(f);
    cr_expect(steps_reject(f, &reject), "twice");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_ASK(f, "1 1 1", "HMGET q:batch:b members total failed");

    reject = mistake(f);
    cr_expect(steps_reject(f, &reject), "the same mistake once more speaks once more");
    cr_expect_str_eq(queue_fixture_messages(f), MESSAGE);
    EXPECT_ASK(f, "1 1 1", "HMGET q:batch:b members total failed");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_reject, a_mistake_counts_once_in_each_batch_that_it_names)
{
    static const char *const batches[] = {"", "b1", "b2", "b1", ""};
    struct queue_fixture *f = queue_fixture_new();

    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        struct submission_reject reject = mistake(f);
        reject.batch = batches[i];
        cr_expect(steps_reject(f, &reject));
    }
    EXPECT_ASK(f, "1 1", "HMGET q:batch:b1 members failed");
    EXPECT_ASK(f, "1 1", "HMGET q:batch:b2 members failed");
    EXPECT_ASK(f, "b1 b2", "HGET q:task:x batch");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_reject, a_task_of_that_id_stays)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_reject reject;

    steps_start(f, "x", "", 0);
    reject = mistake(f);
    cr_expect(!steps_reject(f, &reject));
    EXPECT_ASK(f, "running", "HGET q:task:x state");
    EXPECT_ASK(f, "1", "ZCARD q:taken");
    EXPECT_ASK(f, "0", "EXISTS q:dead q:batch:b q:events");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_reject, an_id_that_nobody_has_leaves_no_record)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_reject reject = mistake(f);

    reject.keep = false;
    reject.batch = "";
    cr_expect(steps_reject(f, &reject));
    cr_expect_str_eq(queue_fixture_messages(f), MESSAGE);
    EXPECT_ASK(f, "0", "EXISTS q:task:x q:dead q:taken");
    EXPECT_ASK(f, "1", "XLEN q:events");
    queue_fixture_free(f);
}
