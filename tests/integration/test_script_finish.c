#include <stdlib.h>

#include "base/xalloc.h"
#include "support/steps.h"

#define READY_A                                                                                    \
    "{\"event\":\"ready\",\"id\":\"a\",\"video_id\":\"m-1\"," STEPS_META                           \
    ",\"attempts\":1,\"submitted_at\":T,\"ready_at\":T}\n"
#define FAILED_A                                                                                   \
    "{\"event\":\"failed\",\"id\":\"a\",\"stage\":\"upload\",\"error\":\"Download "                \
    "failed.\"," STEPS_META ",\"attempts\":1,\"submitted_at\":T,\"failed_at\":T}\n"

static long ttl(struct queue_fixture *f, const char *key)
{
    return strtol(queue_fixture_ask(f, "PTTL %s", key), NULL, 10);
}

Test(script_finish, ready_and_failed_speak_once)
{
    static const struct {
        bool ready;
        const char *state, *text, *dead;
    } cases[] = {{true, "ready", READY_A, ""}, {false, "failed", FAILED_A, "a"}};
    for (size_t i = 0; i < 2; i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct record *record = steps_start(f, "a", "", 0);
        char *message = xasprintf("%s %s", cases[i].state, cases[i].text);
        char *event = xasprintf("%s a %s", cases[i].state, cases[i].text);

        cr_expect_eq(steps_end(f, record, cases[i].ready), TRANSITION_DONE);
        cr_expect_str_eq(f->ended, cases[i].state);
        cr_expect(f->took_ms >= 0 && f->took_ms < FIXTURE_WAIT_MS);
        cr_expect_str_eq(queue_fixture_messages(f), message);
        cr_expect_str_eq(queue_fixture_events(f), event);
        EXPECT_ASK(f, cases[i].state, "HGET q:task:a state");
        EXPECT_ASK(f, "1", "HEXISTS q:task:a %s_at", cases[i].state);
        EXPECT_ASK(f, cases[i].dead, "ZRANGE q:dead 0 -1");
        EXPECT_ASK(f, "0", "EXISTS q:running");
        cr_expect(ttl(f, "q:task:a") > 50000 && ttl(f, "q:task:a") <= 60000);
        EXPECT_SOUND(f);

        cr_expect_eq(steps_end(f, record, cases[i].ready), TRANSITION_STALE, "twice");
        cr_expect_null(f->ended);
        cr_expect_eq(steps_end(f, record, !cases[i].ready), TRANSITION_STALE);
        cr_expect_eq(steps_end(f, steps_read(f, "a"), !cases[i].ready), TRANSITION_STALE);
        cr_expect_str_eq(queue_fixture_messages(f), "");
        cr_expect_str_eq(queue_fixture_events(f), "");
        EXPECT_ASK(f, cases[i].state, "HGET q:task:a state");
        free(message);
        free(event);
        queue_fixture_free(f);
    }
}

Test(script_finish, from_wherever_the_task_waits)
{
    static const char *const homes[] = {"awaiting", "delayed", "queued"};
    for (size_t i = 0; i < 3; i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct transition_move move = {.target = homes[i], .delay_ms = 60000, .mark = "?"};
        struct record *before = steps_start(f, "a", "", 0);

        steps_move(f, before, &move);
        cr_expect_eq(steps_end(f, before, true), TRANSITION_STALE, "%s: an old token", homes[i]);
        cr_expect_eq(steps_end(f, steps_read(f, "a"), true), TRANSITION_DONE, "%s", homes[i]);
        EXPECT_ASK(f, "0", "EXISTS q:running q:awaiting q:delayed");
        EXPECT_SOUND(f);
        cr_expect_null(steps_resume(f), "the question is outdated");
        EXPECT_SOUND(f);
        queue_fixture_free(f);
    }
}

Test(script_finish, a_recovery_needs_an_ended_lease)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_finish finish = {.lapsed = true};

    transition_field(&finish.fields, "failure", "\"error\":\"crash loop\"");
    cr_expect_eq(steps_finish(f, record, &finish), TRANSITION_STALE);
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_ASK(f, "0", "HEXISTS q:task:a failure");
    EXPECT_SOUND(f);
    steps_lapse(f, "running", "a");
    cr_expect_eq(steps_finish(f, record, &finish), TRANSITION_DONE);
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_finish, a_video_has_one_owner)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *first = steps_start(f, "a", "", 0), *second = steps_start(f, "b", "", 0);
    struct transition_finish finish = {.ready = true, .found = true, .video_id = "m-1"};

    cr_expect_eq(steps_finish(f, first, &finish), TRANSITION_DONE);
    EXPECT_ASK(f, "a", "GET q:video:m-1");
    cr_expect(ttl(f, "q:video:m-1") > 50000);
    queue_fixture_messages(f);
    cr_expect_eq(steps_finish(f, second, &finish), TRANSITION_CLAIMED);
    EXPECT_ASK(f, "running", "HGET q:task:b state");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_SOUND(f);
    finish.found = false;
    cr_expect_eq(steps_finish(f, second, &finish), TRANSITION_DONE, "its own callback says so");
    EXPECT_ASK(f, "a", "GET q:video:m-1");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_finish, the_dead_are_limited_by_age)
{
    struct queue_fixture *f = queue_fixture_new();

    queue_fixture_ask(f, "ZADD q:dead 1 long-ago");
    steps_end(f, steps_start(f, "a", "", 0), false);
    EXPECT_ASK(f, "a", "ZRANGE q:dead 0 -1");
    queue_fixture_ask(f, "EVAL %s 0",
                      "for i = 1, 10050 do redis.call('ZADD', 'q:dead', "
                      "99999999999999 + i, 'x' .. i) end");
    steps_end(f, steps_start(f, "b", "", 0), false);
    EXPECT_ASK(f, "10000", "ZCARD q:dead");
    queue_fixture_free(f);
}
