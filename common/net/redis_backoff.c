/* redis_backoff - doubling with jitter, so that a hundred workers do not come back in step. */
#include "net/redis_backoff.h"

enum { BASE_MS = 50, MAX_MS = 2000, MAX_ATTEMPT = 6 };

int64_t redis_backoff_ms(unsigned attempt, double unit)
{
    int64_t whole = (int64_t)BASE_MS << (attempt < MAX_ATTEMPT ? attempt : MAX_ATTEMPT);
    double half;

    if (whole > MAX_MS) {
        whole = MAX_MS;
    }
    half = (double)whole / 2;
    return (int64_t)(half + half * unit);
}
