#include <criterion/criterion.h>

#include "worker/retry.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(retry, doubles_up_to_the_cap_and_spreads)
{
    static const struct {
        int64_t base, cap, attempt;
        double random;
        int64_t expected;
    } cases[] = {
        {1000, 300000, 1, 0, 1000},
        {1000, 300000, 2, 0, 2000},
        {1000, 300000, 3, 0, 4000},
        {1000, 300000, 9, 0, 256000},
        {1000, 300000, 10, 0, 300000},
        {1000, 300000, INT64_MAX, 0, 300000},
        {1000, 300000, 1, 0.5, 1125},
        {1000, 300000, 3, 0.999, 4999},
        {1000, 300000, 20, 0.5, 337500},
        {1000, 300000, 0, 0, 1000},
        {1000, 300000, -5, 0, 1000},
        {5000, 1000, 1, 0, 1000},
        {0, 1000, 50, 0.9, 0},
        {1, INT64_MAX, 100, 0, INT64_MAX},
        {1000, 300000, 1, 1.0, 1000},
        {1000, 300000, 1, -1.0, 1000},
        {INT64_MAX / 2, INT64_MAX / 2, 2, 0, INT64_MAX / 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_eq(retry_delay_ms(cases[i].base, cases[i].cap, cases[i].attempt, cases[i].random),
                     cases[i].expected, "case %zu: attempt %lld", i, (long long)cases[i].attempt);
}

Test(retry, asks_less_and_less_often)
{
    static const struct {
        int64_t interval, waited;
        double random;
        int64_t expected;
    } cases[] = {
        {5000, 0, 0, 5000},        {5000, 19999, 0, 5000},       {5000, 40000, 0, 10000},
        {5000, 40000, 0.5, 10500}, {5000, 86400000, 0, 300000},  {5000, -1, 0, 5000},
        {600000, 0, 0, 600000},    {600000, 9000000, 0, 600000},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_eq(retry_ask_ms(cases[i].interval, cases[i].waited, cases[i].random),
                     cases[i].expected, "case %zu", i);
}

Test(retry, waits_as_the_api_says)
{
    static const struct {
        int64_t asked, floor;
        double random;
        int64_t expected;
    } cases[] = {
        {2000, 1000, 0, 2000}, {-1, 1000, 0, 1000},          {0, 1000, 0.5, 1050},
        {500, 1000, 0, 1000},  {86400000, 1000, 0, 3600000}, {2000, 1000, 0.5, 2100},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_eq(retry_limited_ms(cases[i].asked, cases[i].floor, cases[i].random),
                     cases[i].expected, "case %zu", i);
}
