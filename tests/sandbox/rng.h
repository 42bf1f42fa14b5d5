/* rng - the seeded generator: the same seed gives the same decisions. */
#ifndef SANDBOX_RNG_H
#define SANDBOX_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/* Starts the sequence number `stream` of `seed`; sequences are independent of each other, so that
 * draws for one purpose do not shift those for another. */
void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);

/* The next number in [0, 1). */
double rng_unit(struct rng *rng);

/* Spreads `value` over 64 bits; different values give different results. */
uint64_t rng_mix(uint64_t value);

#endif
