#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static struct timespec read_clock(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) == -1)
        abort();
    return now;
}

static int64_t read_ms(clockid_t id)
{
    struct timespec now = read_clock(id);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return read_ms(CLOCK_BOOTTIME);
}

int64_t clock_monotonic_us(void)
{
    struct timespec now = read_clock(CLOCK_BOOTTIME);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_random(void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1) {
            perror("reelq: getrandom");
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

/* Fetched many at once: jitter is wanted with every call. */
double clock_random_unit(void)
{
    enum { POOL = 64 };
    static uint64_t pool[POOL];
    static unsigned left;

    if (left == 0) {
        clock_random(pool, sizeof(pool));
        left = POOL;
    }
    return (double)(pool[--left] >> 11) * 0x1.0p-53; // the 53 bits that a double can hold
}
