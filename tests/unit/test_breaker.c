#include <criterion/criterion.h>

#include "worker/breaker.h"

Test(breaker, opens_after_failures_in_a_row)
{
    struct breaker breaker;

    breaker_init(&breaker, 3, 5000);
    cr_expect_eq(breaker_allows(&breaker, 7, 9, 0), 9, "closed: all the room");
    cr_expect_eq(breaker_wait_ms(&breaker, 0), 0);
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 0));
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 0));
    cr_expect(!breaker_success(&breaker, BREAKER_CALL), "it was closed");
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 10),
              "a success in between counts from the start");
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 10));
    cr_expect(breaker_failure(&breaker, BREAKER_CALL, 10), "the third in a row opens");
    cr_expect_eq(breaker.state, BREAKER_OPEN);
    cr_expect_eq(breaker_allows(&breaker, 0, 9, 10), 0);
    cr_expect_eq(breaker_wait_ms(&breaker, 10), 5000);
    cr_expect_eq(breaker_wait_ms(&breaker, 5009), 1);
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 3000), "calls of before say nothing new");
    cr_expect_eq(breaker_wait_ms(&breaker, 3000), 2010, "and don't prolong the pause");
}

Test(breaker, probes_one_at_a_time_and_doubles)
{
    static const int64_t pauses[] = {10000, 20000, 40000, 60000, 60000};
    struct breaker breaker;
    int64_t now = 0;

    breaker_init(&breaker, 1, 5000);
    cr_expect(breaker_failure(&breaker, BREAKER_CALL, now));
    now = 5000;
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        cr_expect_eq(breaker_wait_ms(&breaker, now), 0, "the pause %zu is over", i);
        cr_expect_eq(breaker_allows(&breaker, 2, 5, now), 0, "not while calls are under way");
        cr_expect_eq(breaker_allows(&breaker, 0, 0, now), 0, "nor without room");
        cr_expect_eq(breaker_allows(&breaker, 0, 5, now), 1, "one probe");
        cr_expect_eq(breaker_allows(&breaker, 1, 5, now), 0, "and only one");
        cr_expect_eq(breaker_allows(&breaker, 0, 5, now), 1, "again when it was not used");
        cr_expect(!breaker_failure(&breaker, BREAKER_CALL, now), "it was open before");
        cr_expect_eq(breaker_wait_ms(&breaker, now), pauses[i], "pause %zu", i);
        now += pauses[i];
    }
    cr_expect_eq(breaker_allows(&breaker, 0, 5, now), 1);
    cr_expect(breaker_success(&breaker, BREAKER_CALL), "a probe that succeeds closes it");
    cr_expect_eq(breaker_allows(&breaker, 3, 5, now), 5);
    cr_expect(breaker_failure(&breaker, BREAKER_CALL, now));
    cr_expect_eq(breaker_wait_ms(&breaker, now), 5000, "the pause starts short again");
}

Test(breaker, is_blocked_at_once)
{
    struct breaker breaker;

    breaker_init(&breaker, 100, 5000);
    cr_expect(breaker_block(&breaker, BREAKER_CALL, 1000));
    cr_expect(!breaker_block(&breaker, BREAKER_CALL, 1001), "it was open");
    cr_expect_eq(breaker_wait_ms(&breaker, 1000), 5000);
    cr_expect_eq(breaker_allows(&breaker, 0, 5, 6000), 1);
    cr_expect(!breaker_block(&breaker, BREAKER_CALL, 6000), "it was open");
    cr_expect_eq(breaker_wait_ms(&breaker, 6000), 10000);
    cr_expect(breaker_success(&breaker, BREAKER_CALL), "a straggler that succeeds closes it too");
    cr_expect_eq(breaker.state, BREAKER_CLOSED);
    breaker_init(&breaker, 1, 90000);
    cr_expect(breaker_failure(&breaker, BREAKER_CALL, 0));
    cr_expect_eq(breaker_allows(&breaker, 0, 1, 90000), 1);
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 90000));
    cr_expect_eq(breaker_wait_ms(&breaker, 90000), 90000, "a first pause over a minute stays");
}

/* What GETs say does not speak for POSTs; the other way round it does. */
Test(breaker, knows_calls_from_questions)
{
    struct breaker breaker;

    breaker_init(&breaker, 2, 5000);
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 0));
    cr_expect(!breaker_failure(&breaker, BREAKER_QUESTION, 0));
    cr_expect(!breaker_success(&breaker, BREAKER_QUESTION));
    cr_expect(breaker_failure(&breaker, BREAKER_CALL, 0), "two calls in a row");
    cr_expect(!breaker_success(&breaker, BREAKER_QUESTION), "it stays open");
    cr_expect_eq(breaker_allows(&breaker, 0, 5, 5000), 1);
    cr_expect(!breaker_success(&breaker, BREAKER_QUESTION), "the probe was a question");
    cr_expect_eq(breaker_allows(&breaker, 0, 5, 5000), 1, "the next one comes at once");
    cr_expect(!breaker_failure(&breaker, BREAKER_CALL, 5000));
    cr_expect_eq(breaker_wait_ms(&breaker, 5000), 10000);
    cr_expect(breaker_success(&breaker, BREAKER_CALL));

    cr_expect(!breaker_failure(&breaker, BREAKER_QUESTION, 0));
    cr_expect(breaker_failure(&breaker, BREAKER_QUESTION, 0));
    cr_expect(breaker_success(&breaker, BREAKER_QUESTION));
    cr_expect(breaker_block(&breaker, BREAKER_QUESTION, 0));
    cr_expect(breaker_success(&breaker, BREAKER_CALL));
}
