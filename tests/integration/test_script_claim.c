#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "support/steps.h"

Test(script_claim, takes_the_oldest_first_and_landing_before_the_list)
{
    struct queue_fixture *f = queue_fixture_new();

    cr_expect_eq(steps_claim(f, 4), 0, "nothing there");
    cr_expect_eq(f->waiting, 0);
    steps_push(f, "{\"a\":1}");
    steps_push(f, "{\"b\":1}");
    steps_push(f, "{\"c\":1}");
    queue_fixture_ask(f, "LPUSH q:tasks:landing {\"z\":1}");
    cr_assert_eq(steps_claim(f, 3), 3);
    cr_expect_str_eq(f->members[0], "1:{\"z\":1}");
    cr_expect_str_eq(f->members[1], "2:{\"a\":1}");
    cr_expect_str_eq(f->members[2], "3:{\"b\":1}");
    cr_expect_eq(f->waiting, 1);
    cr_expect_eq(f->pause_ms, 0);
    EXPECT_ASK(f, "{\"c\":1}", "LRANGE q:tasks 0 -1");
    EXPECT_ASK(f, "0", "EXISTS q:tasks:landing");
    EXPECT_ASK(f, "1:{\"z\":1} 2:{\"a\":1} 3:{\"b\":1}", "ZRANGE q:taken 0 -1");
    cr_expect_eq(steps_claim(f, 3), 1, "once more takes others");
    cr_expect_str_eq(f->members[0], "4:{\"c\":1}");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_claim, what_was_taken_and_not_admitted_goes_back_to_the_front_in_its_order)
{
    struct queue_fixture *f = queue_fixture_new();

    f->queue.lease_ms = 1;
    steps_push(f, "{\"a\":1}");
    steps_push(f, "{\"b\":1}");
    cr_assert_eq(steps_claim(f, 2), 2);
    f->queue.lease_ms = 15000;
    wait_ms(f->loop, 5);
    steps_push(f, "{\"c\":1}");
    cr_assert_eq(steps_claim(f, 3), 3);
    cr_expect_str_eq(f->members[0], "3:{\"a\":1}");
    cr_expect_str_eq(f->members[1], "4:{\"b\":1}");
    cr_expect_str_eq(f->members[2], "5:{\"c\":1}");
    EXPECT_ASK(f, "3", "ZCARD q:taken");
    queue_fixture_free(f);
}

Test(script_claim, gives_back_a_bounded_number)
{
    struct queue_fixture *f = queue_fixture_new();

    for (int i = 0; i < 20; i++) {
        queue_fixture_ask(f, "ZADD q:taken 1 %d:x", i + 1);
    }
    cr_expect_eq(steps_claim(f, 0), 0);
    EXPECT_ASK(f, "16", "LLEN q:tasks");
    EXPECT_ASK(f, "4", "ZCARD q:taken");
    cr_expect_eq(steps_claim(f, 20), 20);
    queue_fixture_free(f);
}

Test(script_claim, over_the_limit_only_questions_pass)
{
    struct queue_fixture *f = queue_fixture_new();
    struct queue_claim_request request = {.list = QUEUE_TASKS, .n = 8, .limit = 4};

    queue_fixture_ask(f, "ZADD q:awaiting 1 a");
    queue_fixture_ask(f, "ZADD q:running 99999999999999 b");
    queue_fixture_ask(f, "RPUSH q:tasks {\"n\":2} {\"n\":1} x/words@7");
    queue_fixture_ask(f, "LPUSH q:tasks:landing {\"n\":0}");
    queue_fixture_ask(f, "LPUSH q:questions x?5 y.z:1-_?6");
    cr_expect_eq(steps_claim_of(f, &request), 2, "the questions, in their order, and no task");
    cr_expect_str_eq(f->members[0], "1:x?5");
    cr_expect_str_eq(f->members[1], "2:y.z:1-_?6");
    cr_expect_eq(f->waiting, 4);

    cr_expect_eq(steps_claim_of(f, &request), 0, "what is taken counts too");
    queue_fixture_ask(f, "DEL q:taken");
    queue_fixture_ask(f, "LPUSH q:questions c?9 d?9 e?9");
    request.n = 2;
    cr_expect_eq(steps_claim_of(f, &request), 2, "questions first");
    cr_expect_str_eq(f->members[1], "4:d?9");
    request.n = 8;
    cr_expect_eq(steps_claim_of(f, &request), 1, "and what was asked about had no room to give");
    queue_fixture_ask(f, "ZREMRANGEBYRANK q:taken 0 1");
    cr_expect_eq(steps_claim_of(f, &request), 1, "one has room");
    cr_expect_str_eq(f->members[0], "6:{\"n\":0}");
    request.limit = 0;
    cr_expect_eq(steps_claim_of(f, &request), 3, "no limit");
    queue_fixture_free(f);
}

/* A worker that died may have had a question in its hands: it must not wait for room. */
Test(script_claim, a_question_goes_back_to_the_questions)
{
    struct queue_fixture *f = queue_fixture_new();
    struct queue_claim_request request = {.list = QUEUE_TASKS, .n = 1, .limit = 1};

    queue_fixture_ask(f, "ZADD q:awaiting 1 a");
    queue_fixture_ask(f, "ZADD q:taken 1 1:x?5 1 2:y@5 1 3:{\"a\":\"?1\"}");
    cr_expect_eq(steps_claim_of(f, &request), 1);
    cr_expect_eq(strcmp(strchr(f->members[0], ':') + 1, "x?5"), 0, "%s", f->members[0]);
    EXPECT_ASK(f, "{\"a\":\"?1\"} y@5", "LRANGE q:tasks 0 -1");
    queue_fixture_free(f);
}

Test(script_claim, callbacks_are_taken_in_the_same_way_but_never_paused)
{
    struct queue_fixture *f = queue_fixture_new();
    struct queue_claim_request callbacks = {.list = QUEUE_CALLBACKS, .n = 8};

    presence_pause(&f->queue, 60000);
    queue_fixture_ask(f, "LPUSH q:callbacks one");
    queue_fixture_ask(f, "LPUSH q:callbacks:landing two");
    steps_push(f, "{}");
    cr_expect_eq(steps_claim_of(f, &callbacks), 2);
    cr_expect_str_eq(f->members[0], "1:two");
    cr_expect_str_eq(f->members[1], "2:one");
    EXPECT_ASK(f, "1:two 2:one", "ZRANGE q:callbacks:taken 0 -1");
    cr_expect_eq(steps_claim(f, 8), 0, "tasks are");
    cr_expect(f->pause_ms > 50000 && f->pause_ms <= 60000, "%ld", (long)f->pause_ms);
    cr_expect_eq(f->waiting, 1);

    queue_drop(&f->queue, QUEUE_CALLBACKS, slice_text("1:two"));
    steps_read(f, "x");
    EXPECT_ASK(f, "2:one", "ZRANGE q:callbacks:taken 0 -1");
    queue_fixture_free(f);
}

/* Times are set where they decide: nothing here is too slow on a slow machine. */
Test(script_claim, after_a_pause_all_claim_slowly_and_by_and_by_faster)
{
    struct queue_fixture *f = queue_fixture_new();

    for (int i = 0; i < 40; i++)
        steps_push(f, "{}");
    presence_pause(&f->queue, 60000);
    cr_expect_eq(steps_claim(f, 8), 0, "paused");
    EXPECT_ASK(f, "32.000000 0", "HMGET q:pace interval claimed");
    cr_expect(strtol(queue_fixture_ask(f, "PTTL q:pace"), NULL, 10) > 600000, "outlives the pause");
    presence_pause(&f->queue, 60000);
    steps_read(f, "x");
    EXPECT_ASK(f, "32.000000", "HGET q:pace interval");

    queue_fixture_ask(f, "DEL q:pause");
    queue_fixture_ask(f, "HSET q:pace interval 60000 next 1");
    cr_expect_eq(steps_claim(f, 8), 1, "one per interval");
    cr_expect(f->pause_ms > 50000 && f->pause_ms <= 60000, "%ld", (long)f->pause_ms);
    cr_expect_eq(steps_claim(f, 8), 0, "whoever asks");
    EXPECT_ASK(f, "59400.000000 1", "HMGET q:pace interval claimed");

    queue_fixture_ask(f, "HSET q:pace interval 25 next 1");
    cr_expect_leq(steps_claim(f, 8), 5, "what nobody took is not saved up");
    presence_pause(&f->queue, 60000);
    steps_read(f, "x");
    queue_fixture_ask(f, "DEL q:pause");
    queue_fixture_ask(f, "HSET q:pace interval 1.005 next 1");
    cr_expect_eq(steps_claim(f, 8), 8);
    EXPECT_ASK(f, "0", "EXISTS q:pace");
    cr_expect_eq(steps_claim(f, 8), 8, "no limit again");
    queue_fixture_free(f);
}

Test(script_claim, a_request_of_a_mebibyte_stays_intact)
{
    enum { SIZE = 1 << 20 };
    struct queue_fixture *f = queue_fixture_new();
    char *big = xcalloc(1, SIZE);

    for (size_t i = 0; i < SIZE; i++) {
        big[i] = (char)(i * 131 % 251);
    }
    queue_fixture_ask(f, "LPUSH q:tasks %b", big, (size_t)SIZE);
    f->queue.lease_ms = 1;
    steps_claim(f, 1);
    wait_ms(f->loop, 5);
    steps_claim(f, 0);
    queue_fixture_ask(f, "LINDEX q:tasks -1");
    cr_expect(slice_equal(buffer_slice(&f->text), slice_make(big, SIZE)));
    free(big);
    queue_fixture_free(f);
}
