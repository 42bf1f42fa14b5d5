/* figures - named numbers, in the order in which they came, and the text they are kept in: a line
 * "NAME VALUE" each, NAME being words; what begins with '#' is left to people. */
#ifndef REELQ_COST_FIGURES_H
#define REELQ_COST_FIGURES_H

#include "base/buffer.h"
#include "base/error.h"

enum { FIGURES_MAX = 256, FIGURE_NAME_MAX = 64 };

struct figure {
    char name[FIGURE_NAME_MAX];
    double value;
};

struct figures {
    struct figure list[FIGURES_MAX];
    unsigned count;
};

/* Adds to the figure of this name, which begins at 0. Names that are too long are cut; too many
 * figures end the run with a line that says so. */
void figures_add(struct figures *figures, const char *name, double value);

/* 0 when there is none. */
double figures_get(const struct figures *figures, const char *name);

/* Drops those whose names do not begin with `prefix`. */
void figures_restrict(struct figures *figures, const char *prefix);

/* What `more` has over `less`, for each of `units`. */
void figures_per_unit(struct figures *out, const struct figures *more, const struct figures *less,
                      unsigned units);

/* The median of each figure over all parts: what happens in few of them does not count. */
void figures_median(struct figures *out, const struct figures *parts, unsigned count);

bool figures_read(struct figures *figures, struct slice text, struct error *error);
void figures_write(struct buffer *out, const struct figures *figures);

#endif
