#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

Test(clock, tells_the_time)
{
    int64_t wall = clock_wall_ms();
    cr_expect(wall / 1000 >= (int64_t)time(NULL) - 2 && wall / 1000 <= (int64_t)time(NULL) + 2);

    int64_t last = clock_monotonic_ms(), first = last;
    while (last - first < 3) {
        int64_t now = clock_monotonic_ms();
        cr_assert(now >= last, "went back");
        last = now;
    }
    int64_t us = clock_monotonic_us();
    cr_expect(us / 1000 >= last && us / 1000 <= clock_monotonic_ms());
}

Test(clock, gives_random_numbers)
{
    unsigned char a[32], b[32];
    double sum = 0;

    clock_random(a, sizeof(a));
    clock_random(b, sizeof(b));
    cr_expect(memcmp(a, b, sizeof(a)) != 0);
    clock_random(a, 0);
    for (int i = 0; i < 2000; i++) {
        double unit = clock_random_unit();
        cr_assert(unit >= 0 && unit < 1);
        sum += unit;
    }
    cr_expect(sum > 800 && sum < 1200, "the mean is about one half: %f", sum / 2000);
}
