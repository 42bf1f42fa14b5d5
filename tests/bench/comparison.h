/* comparison - the table of peers: what users would pick instead, beside ours. */
#ifndef REELQ_BENCH_COMPARISON_H
#define REELQ_BENCH_COMPARISON_H

#include "bench/board.h"

/* Appends it as peers.def has it, with the versions of the peers below; only of rows that have
 * values. Nothing when no peer has. */
void comparison_add(struct buffer *out, const struct board *board);

#endif
