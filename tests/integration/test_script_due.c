#include <string.h>

#include "support/steps.h"

Test(script_due, tells_what_is_due_and_when_the_next_is)
{
    struct queue_fixture *f = queue_fixture_new();

    cr_expect_str_eq(steps_due(f), "lapsed awaiting delayed");
    cr_expect_eq(f->next_ms, -1);
    queue_fixture_ask(f, "ZADD q:running 1 a 2 b 99999999999999 c");
    queue_fixture_ask(f, "ZADD q:awaiting 1 d 99999999999999 e");
    cr_expect_str_eq(steps_due(f), "lapsed a b awaiting d delayed");
    cr_expect(f->next_ms > 1000000000, "%ld", (long)f->next_ms);
    queue_fixture_ask(f, "EVAL %s 0",
                      "local t = redis.call('TIME') "
                      "redis.call('ZADD', 'q:delayed', t[1] * 1000 + t[2] / 1000 + 2000, 'x')");
    steps_due(f);
    cr_expect(f->next_ms > 1000 && f->next_ms <= 2000, "%ld", (long)f->next_ms);
    EXPECT_ASK(f, "3", "ZCARD q:running");
    queue_fixture_free(f);
}

Test(script_due, a_bounded_number_of_each_and_then_at_once_again)
{
    static const struct {
        const char *set;
        unsigned most;
    } sets[] = {{"running", 16}, {"awaiting", 64}, {"delayed", 64}};

    for (size_t i = 0; i < 3; i++) {
        struct queue_fixture *f = queue_fixture_new();
        for (unsigned k = 0; k <= sets[i].most; k++) {
            queue_fixture_ask(f, "ZADD q:%s %d t%02d", sets[i].set, k, k);
        }
        const char *due = steps_due(f);
        unsigned ids = 0;
        for (const char *at = strstr(due, " t"); at != NULL; at = strstr(at + 1, " t")) {
            ids++;
        }
        cr_expect_eq(ids, sets[i].most, "%s: %s", sets[i].set, due);
        cr_expect_eq(f->next_ms, 0);
        queue_fixture_free(f);
    }
}

/* Nobody has looked for longer than half a lease: the leases that ended meanwhile are excused for a
 * whole one, and what is awaiting or delayed is not. */
Test(script_due, no_lease_counts_as_lapsed_after_a_standstill)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_due(f);
    queue_fixture_ask(f, "ZADD q:running 1 a");
    queue_fixture_ask(f, "ZADD q:awaiting 1 b");
    queue_fixture_ask(f, "HINCRBY q:pulse looked_at -7000");
    cr_expect_str_eq(steps_due(f), "lapsed a awaiting b delayed", "under half a lease");
    queue_fixture_ask(f, "HINCRBY q:pulse looked_at -8000");
    cr_expect_str_eq(steps_due(f), "lapsed awaiting b delayed");
    cr_expect_str_eq(steps_due(f), "lapsed awaiting b delayed");
    queue_fixture_ask(f, "HINCRBY q:pulse amnesty_until -14000");
    cr_expect_str_eq(steps_due(f), "lapsed awaiting b delayed", "a whole lease long");
    queue_fixture_ask(f, "HINCRBY q:pulse amnesty_until -1000");
    cr_expect_str_eq(steps_due(f), "lapsed a awaiting b delayed");
    queue_fixture_free(f);
}

/* The clock was a day ahead when it was set. */
Test(script_due, excuses_for_no_longer_than_a_lease)
{
    struct queue_fixture *f = queue_fixture_new();

    queue_fixture_ask(f, "ZADD q:running 1 a");
    steps_due(f);
    queue_fixture_ask(f, "HSET q:pulse amnesty_until 9000000000000");
    cr_expect_str_eq(steps_due(f), "lapsed awaiting delayed");
    queue_fixture_ask(f, "HINCRBY q:pulse amnesty_until -16000");
    cr_expect_str_eq(steps_due(f), "lapsed a awaiting delayed");
    queue_fixture_free(f);
}

/* The next look is due when the excuse is over, at the latest. */
Test(script_due, looks_again_when_the_standstill_is_excused)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_due(f);
    queue_fixture_ask(f, "HINCRBY q:pulse looked_at -8000");
    queue_fixture_ask(f, "ZADD q:running 1 a 2 b");
    steps_due(f);
    queue_fixture_ask(f, "EVAL %s 0",
                      "local t = redis.call('TIME') "
                      "redis.call('ZADD', 'q:running', t[1] * 1000 + t[2] / 1000 + 2000, 'x')");
    steps_due(f);
    cr_expect(f->next_ms > 13000 && f->next_ms <= 15000, "%ld", (long)f->next_ms);
    queue_fixture_free(f);
}
