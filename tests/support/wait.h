/* wait - run a loop until something is true, instead of sleeping and hoping. */
#ifndef REELQ_TESTS_WAIT_H
#define REELQ_TESTS_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

/* Runs the loop until condition(arg) is true, and says so; false when it was not within `ms`. The
 * condition is looked at before, after every turn of the loop, and every 5 ms, so it may also be
 * about something outside of this process. Not for use inside a callback of the loop. */
bool wait_until(struct loop *loop, bool (*condition)(void *arg), void *arg, int64_t ms);

/* The same for "*flag is true" and for "*counter is at least `count`". */
bool wait_for_flag(struct loop *loop, const bool *flag, int64_t ms);
bool wait_for_count(struct loop *loop, const unsigned *counter, unsigned count, int64_t ms);

/* Runs the loop for `ms`: to see that something does not happen. */
void wait_ms(struct loop *loop, int64_t ms);

#endif
