/* explore - goes through every world that can be reached, and looks at the laws. */
#ifndef REELQ_TESTS_EXPLORE_H
#define REELQ_TESTS_EXPLORE_H

#include "model/words.h"

/* When work goes on without faults, it must come to an end: no world from which it does not. */
extern const char LAW_ENDS[];

struct explored {
    uint32_t worlds;
    uint64_t steps;
    uint64_t rows;      /* bit R: row R was come through */
    const char *broken; /* the law, NULL for none */
    struct buffer way;  /* how it came to that, a step a line, and the store */
};

/* Breadth first, so that the way to a broken law is a shortest one. Fails an assertion over `most`
 * worlds. */
struct explored explore(const struct rules *rules, uint32_t most);
void explored_clear(struct explored *explored);

#endif
