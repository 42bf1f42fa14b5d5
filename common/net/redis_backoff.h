/* redis_backoff - how long to wait before the next attempt to connect. Pure. */
#ifndef REELQ_REDIS_BACKOFF_H
#define REELQ_REDIS_BACKOFF_H

#include <stdint.h>

/* Milliseconds before attempt number `attempt` (from 0); `unit` is random, in [0, 1). The wait is
 * between half of and all of 50 ms * 2^attempt, and never over 2 s. */
int64_t redis_backoff_ms(unsigned attempt, double unit);

#endif
