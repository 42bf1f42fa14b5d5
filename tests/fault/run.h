/* run - the scenario once, with one fault. */
#ifndef REELQ_FAULT_RUN_H
#define REELQ_FAULT_RUN_H

#include "fault/board.h"
#include "fault/lane.h"

/* Prints a report when something is broken; with `verbose` also one line for a run that is not. */
enum board_result run_fault(struct lane *lane, const struct fault *fault, bool verbose);

#endif
