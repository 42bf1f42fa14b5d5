/* board - which faults are to be tried, and what came of them: shared by the lanes, which are
 * processes. The faults of one victim and mode are a series: its numbers go up from 1 until runs
 * end without having come to theirs. */
#ifndef REELQ_FAULT_BOARD_H
#define REELQ_FAULT_BOARD_H

#include "fault/fault.h"

struct board;

enum board_result {
    BOARD_HELD,      /* the fault was done, and everything is as it should be */
    BOARD_BROKEN,    /* something is not */
    BOARD_UNREACHED, /* all is well, but the run was over before */
};

/* To be made before the lanes are forked. */
struct board *board_new(const struct fault_filter *filter);
void board_free(struct board *board);

/* The next one to try; false when there is none left, or too much is broken to go on. */
bool board_take(struct board *board, struct fault *fault);
void board_put(struct board *board, const struct fault *fault, enum board_result result);

/* Prints a line for each victim and mode, and in it what came of each series; true when nothing is
 * broken, and each series came to its end. */
bool board_print(const struct board *board);

#endif
