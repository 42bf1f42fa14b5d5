/* verdict - whether a video costs more than it did. */
#ifndef REELQ_COST_VERDICT_H
#define REELQ_COST_VERDICT_H

#include "cost/figures.h"

struct verdict {
    unsigned grew, shrank;
};

/* How far the figure may be from what is kept before it is told: 5 %; of what is counted by name
 * ("... syscall NAME", "... command NAME") at least 0.1, since what is rarer is not kept, and at
 * most 0.5, so that one more for each is always seen. */
double verdict_allowance(const char *name, double kept);

/* Appends a line for each figure that grew or shrank by more. What is in one of the two only is 0
 * in the other. `file` is where `kept` stands. */
struct verdict verdict_add(struct buffer *out, const char *file, const struct figures *kept,
                           const struct figures *now);

/* The figures that are worth keeping, in the order of their names. */
void verdict_keep(struct figures *out, const struct figures *now);

#endif
