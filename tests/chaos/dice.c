#include "chaos/dice.h"

unsigned dice_pick(struct rng *rng, unsigned count)
{
    return (unsigned)(rng_unit(rng) * count);
}

int64_t dice_between(struct rng *rng, int64_t least, int64_t most)
{
    return least + (int64_t)(rng_unit(rng) * (double)(most - least + 1));
}

bool dice_chance(struct rng *rng, double probability)
{
    return rng_unit(rng) < probability;
}

void dice_shuffle(struct rng *rng, unsigned *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        unsigned other = dice_pick(rng, (unsigned)i);
        unsigned kept = items[i - 1];
        items[i - 1] = items[other];
        items[other] = kept;
    }
}
