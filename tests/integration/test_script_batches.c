#include "support/steps.h"

#define COMPLETE(name, total, ready, failed)                                                       \
    "batch {\"event\":\"batch\",\"id\":\"" name "\",\"total\":" #total ",\"ready\":" #ready        \
    ",\"failed\":" #failed "}\n"

/* The messages about batches alone. */
static const char *batch_messages(struct queue_fixture *f)
{
    struct buffer kept = BUFFER(1 << 20);

    for (struct slice rest = slice_text(queue_fixture_messages(f)); rest.length > 0;) {
        size_t end = slice_find(rest, '\n') + 1;
        if (slice_starts_with(rest, "batch ")) {
            buffer_add_slice(&kept, slice_head(rest, end));
        }
        rest = slice_skip(rest, end);
    }
    buffer_reset(&f->messages);
    buffer_add_slice(&f->messages, buffer_slice(&kept));
    buffer_clear(&kept);
    return buffer_text(&f->messages);
}

/* Pushes an upload of that id again, with that batch. */
static enum admission_end repeat(struct queue_fixture *f, const char *id, const char *batch,
                                 int64_t size)
{
    steps_push(f, "{}");
    cr_assert_eq(steps_claim(f, 1), 1);
    struct admission admission = steps_upload(f->members[0], id, batch);
    admission.batch_size = size;
    steps_admit(f, &admission, 1);
    return f->admitted[0].result;
}

Test(script_batches, one_message_when_the_last_member_ends)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *a = steps_start(f, "a", "b", 3), *b = steps_start(f, "b", "b", 99), *c;

    EXPECT_ASK(f, "2 3", "HMGET q:batch:b members total");
    steps_end(f, a, true);
    steps_end(f, b, false);
    EXPECT_ASK(f, "1 1", "HMGET q:batch:b ready failed");
    cr_expect_str_eq(batch_messages(f), "");
    c = steps_start(f, "c", "b", 0);
    cr_expect_str_eq(batch_messages(f), "");
    steps_end(f, c, true);
    cr_expect_str_eq(batch_messages(f), COMPLETE("b", 3, 2, 1));
    steps_end(f, c, true);
    cr_expect_str_eq(batch_messages(f), "", "once");
    EXPECT_ASK(f, "3 3 2 1 1", "HMGET q:batch:b members total ready failed announced");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_batches, the_size_may_come_late_or_never)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_end(f, steps_start(f, "a", "late", 0), true);
    cr_expect_str_eq(batch_messages(f), "");
    steps_end(f, steps_start(f, "b", "late", 2), true);
    cr_expect_str_eq(batch_messages(f), COMPLETE("late", 2, 2, 0));
    steps_end(f, steps_start(f, "e", "later", 0), true);
    cr_expect_eq(repeat(f, "a", "later", 1), ADMISSION_KNOWN);
    cr_expect_str_eq(batch_messages(f), COMPLETE("later", 1, 1, 0), "said before the next counts");
    steps_end(f, steps_start(f, "c", "never", 0), true);
    cr_expect_str_eq(batch_messages(f), "");
    EXPECT_ASK(f, "1 (nil) 1", "HMGET q:batch:never members total ready");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_batches, a_repeat_counts_in_its_own_batch_too)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *a = steps_start(f, "a", "b1", 1), *old = a;

    cr_expect_eq(repeat(f, "a", "b1", 0), ADMISSION_KNOWN);
    EXPECT_ASK(f, "1", "HGET q:batch:b1 members");
    cr_expect_eq(repeat(f, "a", "b2", 2), ADMISSION_KNOWN);
    EXPECT_ASK(f, "b1 b2", "HGET q:task:a batch");
    cr_expect_eq(steps_end(f, old, true), TRANSITION_CHANGED);
    cr_expect_str_eq(f->batches, "b1 b2");
    EXPECT_ASK(f, "running", "HGET q:task:a state");
    EXPECT_SOUND(f);
    record_set(a, RECORD_batch, f->batches);
    cr_expect_eq(steps_end(f, a, true), TRANSITION_DONE);
    EXPECT_ASK(f, "1 1", "HMGET q:batch:b1 ready total");
    EXPECT_ASK(f, "1 2", "HMGET q:batch:b2 ready total");
    cr_expect_str_eq(batch_messages(f), COMPLETE("b1", 1, 1, 0));
    cr_expect_eq(repeat(f, "a", "b3", 1), ADMISSION_KNOWN);
    cr_expect_str_eq(batch_messages(f), COMPLETE("b3", 1, 1, 0), "it is ready already");
    cr_expect_eq(repeat(f, "a", "b3", 1), ADMISSION_KNOWN);
    cr_expect_str_eq(batch_messages(f), "");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_batches, children_count_through_their_parent)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *words, *scenes;

    steps_index(f, steps_start(f, "a", "b1", 1), "m-1");
    words = steps_resume(f);
    scenes = steps_resume(f);
    cr_expect(record_is(words, RECORD_batch, "b1"));
    cr_expect_eq(steps_end(f, words, true), TRANSITION_DONE);
    EXPECT_ASK(f, "1 (nil)", "HMGET q:batch:b1 members ready");
    cr_expect_eq(repeat(f, "a", "b2", 1), ADMISSION_KNOWN);
    cr_expect_eq(steps_end(f, scenes, true), TRANSITION_CHANGED, "the parent has another batch");
    cr_expect_str_eq(f->batches, "b1 b2");
    record_set(scenes, RECORD_batch, f->batches);
    cr_expect_eq(steps_end(f, scenes, true), TRANSITION_DONE);
    cr_expect_str_eq(batch_messages(f), COMPLETE("b1", 1, 1, 0) COMPLETE("b2", 1, 1, 0));
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_batches, counts_do_not_stay_for_ever)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "b1", 2);

    queue_fixture_ask(f, "DEL q:batch:b1");
    steps_end(f, record, true);
    EXPECT_ASK(f, "1", "HGET q:batch:b1 ready");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_batches, the_latest_are_listed_by_their_first_member)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_start(f, "x", "", 0);
    EXPECT_ASK(f, "0", "EXISTS q:batches");
    steps_start(f, "a", "b1", 0);
    queue_fixture_ask(f, "ZADD q:batches 7 b1");
    steps_start(f, "b", "b1", 0);
    EXPECT_ASK(f, "7", "ZSCORE q:batches b1");
    queue_fixture_ask(f, "EVAL %s 1 q:batches",
                      "for i = 1, 1000 do redis.call('ZADD', KEYS[1], i, i) end");
    steps_start(f, "c", "b2", 0);
    EXPECT_ASK(f, "b2", "ZRANGE q:batches -1 -1");
    EXPECT_ASK(f, "1000", "ZCARD q:batches");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}
