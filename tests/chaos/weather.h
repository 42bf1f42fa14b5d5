/* weather - what VideoDB is like for a while: lists of the sandbox's faults, by name. */
#ifndef REELQ_CHAOS_WEATHER_H
#define REELQ_CHAOS_WEATHER_H

struct weather {
    const char *name;
    const char *faults; /* in the sandbox's grammar, separated by spaces; "" for none */
};

/* The first one is calm. */
unsigned weather_count(void);
const struct weather *weather_get(unsigned number);

#endif
