#include <criterion/criterion.h>

#include <hiredis/hiredis.h>
#include <math.h>

#include "base/clock.h"
#include "net/redis_inflight.h"

struct seen {
    struct redis_inflight *inflight;
    uintptr_t next;
    unsigned wrong;
    bool push_more;
};

static struct seen seen;

static void on_reply(const struct redisReply *reply, void *arg)
{
    seen.wrong += (uintptr_t)arg != seen.next || reply != NULL;
    seen.next++;
    if (seen.push_more) {
        struct redis_inflight_entry entry = {.fn = on_reply, .arg = arg};
        seen.push_more = false;
        redis_inflight_push(seen.inflight, &entry);
    }
}

static void push(struct redis_inflight *inflight, uintptr_t number)
{
    struct redis_inflight_entry entry = {.fn = on_reply,
                                         .arg = (void *)number,
                                         .deadline_ms = (int64_t)number,
                                         .internal = number % 2 == 0};

    redis_inflight_push(inflight, &entry);
}

Test(redis_inflight, keeps_the_order_while_it_wraps_and_grows)
{
    struct redis_inflight inflight = {0};
    uintptr_t pushed = 0;

    cr_expect_null(redis_inflight_oldest(&inflight));
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 7; i++) {
            push(&inflight, pushed++);
        }
        for (int i = 0; i < 5; i++) {
            cr_expect_eq(redis_inflight_oldest(&inflight)->deadline_ms, (int64_t)seen.next);
            redis_inflight_answer(&inflight, NULL);
        }
    }
    cr_expect_eq(inflight.count, 400);
    cr_expect_eq(inflight.internal, 200);
    redis_inflight_fail(&inflight);
    cr_expect_eq(seen.next, 1400);
    cr_expect_eq(seen.wrong, 0);
    cr_expect_eq(inflight.count + inflight.internal, 0);
    redis_inflight_clear(&inflight);
}

Test(redis_inflight, measures_what_is_answered)
{
    static const double bounds[] = {0.0001, INFINITY};
    static const struct redisReply reply;
    struct histogram round_trip;
    struct redis_inflight inflight = {.round_trip = &round_trip};
    struct redis_inflight_entry silent = {.fn = NULL};

    histogram_init(&round_trip, &(struct metric){.name = "seconds"}, bounds);
    redis_inflight_push(&inflight, &silent);
    redis_inflight_push(&inflight, &silent);
    int64_t began_us = clock_monotonic_us();
    while (clock_monotonic_us() - began_us < 1000) {
    }
    redis_inflight_answer(&inflight, &reply);
    redis_inflight_fail(&inflight);
    cr_expect_eq(round_trip.counts[0], 0);
    cr_expect_eq(round_trip.counts[1], 1);
    cr_expect(round_trip.metric.value >= 0.001 && round_trip.metric.value < 5);
    redis_inflight_clear(&inflight);
}

Test(redis_inflight, fails_only_what_is_there)
{
    struct redis_inflight inflight = {0};
    struct redis_inflight_entry silent = {.fn = NULL};

    seen = (struct seen){.inflight = &inflight, .push_more = true};
    push(&inflight, 0);
    redis_inflight_push(&inflight, &silent);
    redis_inflight_fail(&inflight);
    cr_expect_eq(seen.next, 1);
    cr_expect_eq(inflight.count, 1, "what a callback pushed stays");
    redis_inflight_fail(&inflight);
    cr_expect_eq(seen.next, 2);
    redis_inflight_clear(&inflight);
}
