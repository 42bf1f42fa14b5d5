#include "worker/retry.h"

#include <stdbool.h>

enum {
    LONGEST_ASK_MS = 5 * 60 * 1000,
    LONGEST_LIMIT_MS = 60 * 60 * 1000,
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    if (value > high)
        value = high;
    return value < low ? low : value;
}

/* `pause` and up to `pause`/`part` more, so that tasks which failed together don't come back
 * together. */
static int64_t spread(int64_t pause, int64_t part, double random)
{
    bool good = random >= 0 && random < 1;
    int64_t most = pause / part;

    return pause + (good ? (int64_t)((double)most * random) : 0);
}

int64_t retry_delay_ms(int64_t base_ms, int64_t cap_ms, int64_t attempt, double random)
{
    int64_t pause = clamp(base_ms, 0, cap_ms);

    for (int64_t i = 1; i < attempt && pause > 0 && pause < cap_ms; i++)
        pause = pause > cap_ms / 2 ? cap_ms : pause * 2;
    return spread(pause, 4, random);
}

int64_t retry_ask_ms(int64_t interval_ms, int64_t waited_ms, double random)
{
    int64_t longest = interval_ms > LONGEST_ASK_MS ? interval_ms : LONGEST_ASK_MS;

    return spread(clamp(waited_ms / 4, interval_ms, longest), 10, random);
}

int64_t retry_limited_ms(int64_t retry_after_ms, int64_t floor_ms, double random)
{
    return spread(clamp(retry_after_ms, floor_ms, LONGEST_LIMIT_MS), 10, random);
}
