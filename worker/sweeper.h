/* sweeper - what is due: delayed tasks, deadlines of awaiting ones, runs whose worker is gone.
 * Every worker sweeps, a bounded number each time; the scripts make doing it twice harmless. */
#ifndef REELQ_SWEEPER_H
#define REELQ_SWEEPER_H

#include "worker/context.h"

struct sweeper;

struct sweeper *sweeper_new(struct context *context);

/* Something is due in `ms`; the sweeper wakes then at the latest. */
void sweeper_hint(struct sweeper *sweeper, int64_t ms);

void sweeper_stop(struct sweeper *sweeper);
void sweeper_free(struct sweeper *sweeper);

#endif
