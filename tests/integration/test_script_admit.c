#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

#include "support/steps.h"

/* Pushes and claims one item: its member. */
static const char *take(struct queue_fixture *f)
{
    steps_push(f, "{}");
    cr_assert_eq(steps_claim(f, 1), 1);
    return f->members[0];
}

Test(script_admit, a_new_task_gets_a_record_a_lease_and_a_token)
{
    struct queue_fixture *f = queue_fixture_new();
    struct admission admission = steps_upload(take(f), "a", "");
    struct record *record;

    admission.label = "L";
    steps_admit(f, &admission, 1);
    record = f->admitted[0].record;
    cr_assert_eq(f->admitted[0].result, ADMISSION_RUN);
    cr_expect(record_is(record, RECORD_state, "running"));
    cr_expect(record_is(record, RECORD_token, "1"));
    cr_expect_eq(record_int(record, RECORD_attempt), 1);
    cr_expect(record->now_ms > 1600000000000);
    EXPECT_ASK(f, "running 1 upload 1 3 call L",
               "HMGET q:task:a state token kind attempt max_attempts purpose label");
    EXPECT_ASK(f, "{\"url\":\"u\"} " STEPS_META, "HMGET q:task:a request about");
    EXPECT_ASK(f, "0", "HEXISTS q:task:a batch");
    EXPECT_ASK(f, "a", "ZRANGE q:running 0 -1");
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    EXPECT_ASK(f, "1", "EVAL %s 0",
               "local t, s = redis.call('TIME'), redis.call('ZSCORE', 'q:running', 'a') "
               "local left = s - t[1] * 1000 - t[2] / 1000 "
               "return left > 10000 and left <= 15000 and "
               "redis.call('HGET', 'q:task:a', 'submitted_at') + 15000 == tonumber(s) and 1 or 0");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_SOUND(f);

    queue_fixture_ask(f, "ZREM q:running a"); /* as if the script had broken off before its end */
    steps_admit(f, &admission, 1);
    cr_assert_eq(f->admitted[0].result, ADMISSION_RUN, "sent again after a lost reply");
    cr_expect(record_is(f->admitted[0].record, RECORD_token, "1"), "the same run");
    EXPECT_ASK(f, "1", "ZCARD q:running");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_admit, a_repeat_is_known_and_let_go)
{
    struct queue_fixture *f = queue_fixture_new();
    struct admission admission;

    steps_start(f, "a", "", 0);
    admission = steps_upload(take(f), "a", "");
    admission.request = "other";
    steps_admit(f, &admission, 1);
    cr_assert_eq(f->admitted[0].result, ADMISSION_KNOWN);
    cr_expect_str_eq(f->admitted[0].state, "running");
    EXPECT_ASK(f, "{\"url\":\"u\"}", "HGET q:task:a request");
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    EXPECT_SOUND(f);

    steps_end(f, steps_read(f, "a"), false);
    admission.member = slice_text(take(f));
    steps_admit(f, &admission, 1);
    cr_assert_eq(f->admitted[0].result, ADMISSION_KNOWN);
    cr_expect_str_eq(f->admitted[0].state, "failed");
    EXPECT_ASK(f, "1", "ZCARD q:taken");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* A worker that was held up admits an item that somebody else has found meanwhile: under an id made
 * by chance it would be run twice. */
Test(script_admit, an_item_taken_back_is_not_admitted)
{
    struct queue_fixture *f = queue_fixture_new();
    char late[64];
    struct admission admission;

    (void)snprintf(late, sizeof(late), "%s", take(f));
    steps_lapse(f, "taken", late);
    cr_assert_eq(steps_claim(f, 1), 1);
    admission = steps_upload(f->members[0], "by-b", "");
    steps_admit(f, &admission, 1);
    cr_expect_eq(f->admitted[0].result, ADMISSION_RUN);
    admission = steps_upload(late, "by-a", "");
    steps_admit(f, &admission, 1);
    cr_expect_eq(f->admitted[0].result, ADMISSION_STALE);
    EXPECT_ASK(f, "0", "EXISTS q:task:by-a");
    EXPECT_ASK(f, "by-b", "ZRANGE q:running 0 -1");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_admit, a_queued_call_taken_back_is_not_admitted)
{
    struct queue_fixture *f = queue_fixture_new();
    struct transition_move call = {.target = "queued", .mark = "@"};
    struct steps_queued late;

    steps_move(f, steps_start(f, "a", "", 0), &call);
    cr_assert_eq(steps_claim(f, 1), 1);
    steps_lapse(f, "taken", f->members[0]);
    char *member = xstrdup(f->members[0]);
    steps_queued(&late, member);
    steps_claim(f, 0);
    steps_admit(f, &late.admission, 1);
    cr_expect_eq(f->admitted[0].result, ADMISSION_STALE);
    EXPECT_SOUND(f);
    cr_expect_not_null(steps_resume(f));
    EXPECT_SOUND(f);
    free(member);
    queue_fixture_free(f);
}

Test(script_admit, queued_calls_and_questions)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "b1", 0);
    struct transition_move call = {.target = "queued", .mark = "@"};
    struct transition_move ask = {.target = "queued", .mark = "?"};
    struct steps_queued queued;

    steps_move(f, record, &call);
    record = steps_resume(f);
    cr_assert_not_null(record);
    cr_expect_eq(record_int(record, RECORD_attempt), 2, "a call is an attempt");
    cr_expect(record_is(record, RECORD_purpose, "call"));
    cr_expect(record_is(record, RECORD_state, "running"));
    cr_expect(record_is(record, RECORD_request, "{\"url\":\"u\"}"));
    cr_expect(record_is(record, RECORD_about, STEPS_META));
    cr_expect(record_is(record, RECORD_batch, "b1"));
    EXPECT_SOUND(f);

    steps_move(f, record, &ask);
    cr_assert_eq(steps_claim(f, 1), 1);
    steps_queued(&queued, f->members[0]);
    steps_admit(f, &queued.admission, 1);
    record = f->admitted[0].record;
    cr_expect_eq(record_int(record, RECORD_attempt), 2, "a question is none");
    cr_expect(record_is(record, RECORD_purpose, "ask"));
    steps_admit(f, &queued.admission, 1);
    cr_assert_eq(f->admitted[0].result, ADMISSION_RUN, "sent again after a lost reply");
    cr_expect_str_eq(record_text(f->admitted[0].record, RECORD_token),
                     record_text(record, RECORD_token));
    cr_expect_eq(record_int(f->admitted[0].record, RECORD_attempt), 2);
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* What only looks like a queued call is somebody's mistake, and stays in hand to be answered. */
Test(script_admit, an_item_of_no_task_is_not_dropped)
{
    static const char *const items[] = {"nobody@5", "nobody?5"};

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        struct queue_fixture *f = queue_fixture_new();
        queue_fixture_ask(f, "RPUSH q:tasks %s", items[i]);
        cr_expect_null(steps_resume(f), "%s", items[i]);
        cr_expect_eq(f->admitted[0].result, ADMISSION_UNKNOWN, "%s", items[i]);
        EXPECT_ASK(f, "1", "ZCARD q:taken");
        EXPECT_ASK(f, "0", "EXISTS q:task:nobody");
        queue_fixture_free(f);
    }
}

Test(script_admit, an_outdated_item_is_let_go)
{
    static const char *const items[] = {"a@1", "a?1", "a@99"};
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_move wait = {.target = "awaiting", .delay_ms = 1000};

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        queue_fixture_ask(f, "RPUSH q:tasks %s", items[i]);
        cr_expect_null(steps_resume(f), "%s", items[i]);
        cr_expect_eq(f->admitted[0].result, ADMISSION_STALE, "%s", items[i]);
        EXPECT_ASK(f, "0", "EXISTS q:taken");
    }
    steps_move(f, record, &wait);
    queue_fixture_ask(f, "RPUSH q:tasks a@%s", record_text(steps_read(f, "a"), RECORD_token));
    cr_expect_null(steps_resume(f), "not queued");
    EXPECT_ASK(f, "0", "EXISTS q:task:nobody");
    EXPECT_ASK(f, "1", "HGET q:task:a attempt");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_admit, as_many_as_a_call_may_bring_in_their_order)
{
    struct queue_fixture *f = queue_fixture_new();
    struct admission items[QUEUE_MAX_ITEMS];
    static char ids[QUEUE_MAX_ITEMS][8], members[QUEUE_MAX_ITEMS][16];

    for (int i = 0; i < QUEUE_MAX_ITEMS; i++) {
        steps_push(f, "{}");
    }
    cr_assert_eq(steps_claim(f, QUEUE_MAX_ITEMS), QUEUE_MAX_ITEMS);
    for (int i = 0; i < QUEUE_MAX_ITEMS; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "t%d", i / 2);
        (void)snprintf(members[i], sizeof(members[i]), "%s", f->members[i]);
        items[i] = steps_upload(members[i], ids[i], "b");
        items[i].batch_size = 32;
    }
    steps_admit(f, items, QUEUE_MAX_ITEMS);
    for (int i = 0; i < QUEUE_MAX_ITEMS; i++) {
        cr_expect_eq(f->admitted[i].result, i % 2 == 0 ? ADMISSION_RUN : ADMISSION_KNOWN, "%d", i);
    }
    EXPECT_ASK(f, "32", "ZCARD q:running");
    EXPECT_ASK(f, "32 32 (nil)", "HMGET q:batch:b members total announced");
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* The whole call is refused then, and nobody runs what it has begun: its lease tells. */
Test(script_admit, what_breaks_off_leaves_no_run_without_a_lease)
{
    struct queue_fixture *f = queue_fixture_new();
    struct admission items[2];

    items[0] = steps_upload(take(f), "good", "");
    char *member = xstrdup(items[0].member.data);
    items[0].member = slice_text(member);
    items[1] = steps_upload(take(f), "bad", "");
    queue_fixture_ask(f, "SET q:task:bad text");
    steps_admit(f, items, 2);
    EXPECT_ASK(f, "running", "HGET q:task:good state");
    EXPECT_ASK(f, "good", "ZRANGE q:running 0 -1");
    EXPECT_ASK(f, "2", "ZCARD q:taken");
    free(member);
    queue_fixture_free(f);
}
