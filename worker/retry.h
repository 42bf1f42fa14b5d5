/* retry - when to try again, when to ask again. Pure: time and randomness are arguments. */
#ifndef REELQ_RETRY_H
#define REELQ_RETRY_H

#include <stdint.h>

/* The pause before attempt `attempt` + 1, attempts counted from 1: base * 2^(attempt-1), at most
 * cap, plus up to a quarter of it by `random` in [0,1). */
int64_t retry_delay_ms(int64_t base_ms, int64_t cap_ms, int64_t attempt, double random);

/* The pause before the next question about a job that has been waited for `waited_ms`: a quarter of
 * that time, at least `interval_ms`, at most five minutes, plus up to a tenth by `random`. */
int64_t retry_ask_ms(int64_t interval_ms, int64_t waited_ms, double random);

/* What Retry-After asks for, at least `floor_ms`, at most an hour, plus up to a tenth. */
int64_t retry_limited_ms(int64_t retry_after_ms, int64_t floor_ms, double random);

#endif
