/* dice - seeded choices: the same seed and stream give the same ones. */
#ifndef REELQ_CHAOS_DICE_H
#define REELQ_CHAOS_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/rng.h"

/* One independent sequence per purpose, so that a draw for one does not shift the others. */
enum dice_stream { DICE_FAULTS = 1, DICE_WEATHER, DICE_TASKS };

/* Within 0..count-1; `count` is at least 1. */
unsigned dice_pick(struct rng *rng, unsigned count);

/* Within least..most, both included. */
int64_t dice_between(struct rng *rng, int64_t least, int64_t most);

bool dice_chance(struct rng *rng, double probability);

void dice_shuffle(struct rng *rng, unsigned *items, size_t count);

#endif
