#include <criterion/criterion.h>
#include <inttypes.h>

#include "net/redis_backoff.h"

static const struct {
    unsigned attempt;
    double unit;
    int64_t ms;
} cases[] = {
    {0, 0.0, 25},
    {0, 0.999999, 49},
    {1, 0.0, 50},
    {1, 0.5, 75},
    {5, 0.0, 800},
    {5, 0.5, 1200},
    {6, 0.0, 1000},
    {6, 0.5, 1500},
    {7, 0.0, 1000},
    {63, 0.5, 1500},
    {4000000000u, 0.999999, 1999},
};

Test(redis_backoff, doubles_up_to_two_seconds)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = redis_backoff_ms(cases[i].attempt, cases[i].unit);
        cr_expect_eq(ms, cases[i].ms, "attempt %u unit %f: %" PRId64, cases[i].attempt,
                     cases[i].unit, ms);
    }
}
