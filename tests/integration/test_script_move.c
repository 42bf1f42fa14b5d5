#include <stdlib.h>
#include <string.h>

#include "support/steps.h"

static const char left_script[] =
    "local t = redis.call('TIME') "
    "return math.floor(redis.call('ZSCORE', KEYS[1], ARGV[1]) - t[1] * 1000 - t[2] / 1000)";

static long ms_left(struct queue_fixture *f, const char *set, const char *id)
{
    return strtol(queue_fixture_ask(f, "EVAL %s 1 %s %s", left_script, set, id), NULL, 10);
}

Test(script_move, to_awaiting_delayed_and_queued)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_move await = {.target = "awaiting",
                                    .delay_ms = 5000,
                                    .stamp = "since",
                                    .event = "accepted",
                                    .detail = "\"attempt\":1"};
    struct transition_move delay = {.target = "delayed", .delay_ms = 9000};
    struct transition_move queue = {.target = "queued", .mark = "@"};

    transition_field(&await.fields, "output_url", "http://o/");
    transition_field_int(&await.fields, "asks", 7);
    cr_expect_eq(steps_move(f, record, &await), TRANSITION_DONE);
    cr_expect(ms_left(f, "q:awaiting", "a") > 4000 && ms_left(f, "q:awaiting", "a") <= 5000);
    EXPECT_ASK(f, "awaiting http://o/ 7", "HMGET q:task:a state output_url asks");
    cr_expect(record_int(steps_read(f, "a"), RECORD_since) >= record->now_ms);
    cr_expect_str_eq(queue_fixture_events(f),
                     "accepted a {\"event\":\"accepted\",\"id\":\"a\",\"attempt\":1,\"at\":T}\n");
    EXPECT_SOUND(f);

    transition_field(&delay.fields, "output_url", "");
    cr_expect_eq(steps_move(f, steps_read(f, "a"), &delay), TRANSITION_DONE);
    cr_expect(ms_left(f, "q:delayed", "a") > 8000);
    EXPECT_ASK(f, "0", "HEXISTS q:task:a output_url");
    cr_expect_str_eq(queue_fixture_events(f), "", "no name, no event");
    EXPECT_SOUND(f);

    queue_fixture_ask(f, "LPUSH q:tasks {}");
    cr_expect_eq(steps_move(f, steps_read(f, "a"), &queue), TRANSITION_DONE);
    cr_assert_eq(steps_claim(f, 1), 1, "at the front");
    cr_expect_str_eq(strchr(f->members[0], ':') + 1, "a@4");
    EXPECT_ASK(f, "4", "HGET q:task:a token");
    EXPECT_SOUND(f);
    cr_expect_str_eq(queue_fixture_messages(f), "");
    queue_fixture_free(f);
}

Test(script_move, an_old_token_and_a_living_lease_do_nothing)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0), *after;
    struct transition_move move = {
        .lapsed = true, .target = "awaiting", .delay_ms = 5000, .event = "unknown"};

    cr_expect_eq(steps_move(f, record, &move), TRANSITION_STALE, "the lease has not ended");
    steps_lapse(f, "running", "a");
    cr_expect_eq(steps_move(f, record, &move), TRANSITION_DONE);
    cr_expect_eq(steps_move(f, record, &move), TRANSITION_STALE, "twice");
    after = steps_read(f, "a");
    cr_expect_eq(steps_move(f, after, &move), TRANSITION_STALE, "it is not running");
    move.lapsed = false;
    move.delay_ms = 100;
    cr_expect_eq(steps_move(f, record, &move), TRANSITION_STALE, "an old token");
    cr_expect(ms_left(f, "q:awaiting", "a") > 4000);
    cr_expect_eq(steps_move(f, after, &move), TRANSITION_DONE, "to where it is: a new deadline");
    cr_expect(ms_left(f, "q:awaiting", "a") <= 100);
    EXPECT_SOUND(f);
    cr_expect_eq(steps_move(f, queue_fixture_keep(f, record_new("nobody")), &move),
                 TRANSITION_STALE);
    EXPECT_ASK(f, "0", "EXISTS q:task:nobody");
    EXPECT_ASK(f, "2", "XLEN q:events");

    steps_end(f, steps_read(f, "a"), false);
    cr_expect_eq(steps_move(f, steps_read(f, "a"), &move), TRANSITION_STALE, "it has ended");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* A callback comes while the question waits in the list. */
Test(script_move, a_queued_task_may_leave_and_its_item_is_outdated)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_move queue = {.target = "queued", .mark = "?"};
    struct transition_move delay = {.target = "delayed", .delay_ms = 9000};

    steps_move(f, record, &queue);
    cr_expect_eq(steps_move(f, steps_read(f, "a"), &queue), TRANSITION_DONE, "queued once more");
    EXPECT_SOUND(f);
    cr_expect_eq(steps_move(f, steps_read(f, "a"), &delay), TRANSITION_DONE);
    EXPECT_ASK(f, "a?3 a?2", "LRANGE q:questions 0 -1");
    EXPECT_SOUND(f);
    cr_expect_null(steps_resume(f));
    cr_expect_null(steps_resume(f));
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_move, only_what_is_there_is_cleared)
{
    struct queue_fixture *f = queue_fixture_new();
    struct transition_move move = {.target = "awaiting", .delay_ms = 9000};
    struct record *record;

    steps_start(f, "a", "", 0);
    queue_fixture_ask(f, "HSET q:task:a output_url https://e.com/1 why poll");
    record = steps_read(f, "a");
    record_set(record, RECORD_output_url, ""); /* left aside for a while, but Redis has it */
    transition_clear(&move.fields, record, RECORD_asks);
    cr_expect_eq(move.fields.count, 0, "there is nothing to clear");
    transition_clear(&move.fields, record, RECORD_output_url);
    transition_set(&move.fields, record, RECORD_why, NULL);
    transition_set(&move.fields, record, RECORD_skip, "m-1");
    cr_expect_eq(steps_move(f, record, &move), TRANSITION_DONE);
    EXPECT_ASK(f, "0", "HEXISTS q:task:a output_url");
    EXPECT_ASK(f, "0", "HEXISTS q:task:a why");
    EXPECT_ASK(f, "m-1", "HGET q:task:a skip");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}
