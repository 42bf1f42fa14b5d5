/* board - the figures of a run: each has a goal and one value per repetition. */
#ifndef REELQ_BENCH_BOARD_H
#define REELQ_BENCH_BOARD_H

#include "base/buffer.h"

enum { BOARD_MAX_REPEATS = 32 };

/* figures.def: FIGURE(name, unit, sense, goal, text) */
enum board_figure {
#define FIGURE(name, unit, sense, goal, text) FIGURE_##name,
#include "bench/figures.def"
#undef FIGURE
    BOARD_FIGURES
};

struct board;

struct board *board_new(void);
void board_free(struct board *board);

/* One more value of the figure. Those after BOARD_MAX_REPEATS are dropped. */
void board_add(struct board *board, enum board_figure figure, double value);

/* The median of what was added, 0 before; and the least and the most. */
double board_median(const struct board *board, enum board_figure figure);
struct board_range {
    unsigned count; /* of values; 0: the others say nothing */
    double least, most;
};
struct board_range board_range(const struct board *board, enum board_figure figure);

/* What the peer of this name is, as it says itself: its line is copied. Of the first time; NULL
 * before. */
void board_add_version(struct board *board, const char *peer, struct slice line);
const char *board_version(const struct board *board, const char *peer);

/* How many decimals of a value count: "0.912", "18.3", "12400". */
int board_decimals(double value);

/* Appends a table for people: median, least and most, goal, and whether it is met; only of figures
 * that have values, and are not APART. */
void board_add_table(struct buffer *out, const struct board *board);

/* Appends the same as JSON, with all values. */
void board_add_json(struct buffer *out, const struct board *board);

#endif
