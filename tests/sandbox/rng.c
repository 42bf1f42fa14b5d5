#include "rng.h"

#define GOLDEN 0x9e3779b97f4a7c15u

uint64_t rng_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream)
{
    rng->state = rng_mix(seed + GOLDEN) ^ rng_mix(stream + 1);
}

double rng_unit(struct rng *rng)
{
    rng->state += GOLDEN;
    return (double)(rng_mix(rng->state) >> 11) / (double)(UINT64_C(1) << 53);
}
