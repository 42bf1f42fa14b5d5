/* rules - what may happen in a world, and how much of it. */
#ifndef REELQ_TESTS_RULES_H
#define REELQ_TESTS_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* What may go wrong. */
enum fault {
    FAULT_CRASH = 1,     /* a worker dies */
    FAULT_SLEEP = 2,     /* it misses its lease, is asked to stop, or is slow */
    FAULT_LOST = 4,      /* a script is applied, and its reply gets lost */
    FAULT_REFUSED = 8,   /* VideoDB takes no call: an error, a limit, a blocked key */
    FAULT_FAILED = 16,   /* it takes the call, and the job fails */
    FAULT_UNKNOWN = 32,  /* its replies get lost; it lists late, or works for too long */
    FAULT_CALLBACK = 64, /* a callback is lost, doubled, garbled */
    ALL_FAULTS = 127
};

/* How far the world goes. */
enum { ENDLESS = 255 };
struct rules {
    const char *name;
    uint8_t indexes;      /* of the upload */
    uint8_t attempts;     /* at most; 0: two */
    uint8_t surplus;      /* members of the batch above its size */
    uint8_t mistakes;     /* members of the batch that cannot be tasks */
    uint8_t uploads, ids; /* how often the same id is pushed again: as JSON, bare */
    uint8_t may;          /* faults, of which there are at most so many: */
    uint8_t faults;
    bool silent;      /* the grace may end before VideoDB lists what it has taken */
    bool pays_twice;  /* which may happen then */
    const char *only; /* the law that is looked at; NULL: all */
    unsigned off;     /* guards that are switched off */
};

#endif
