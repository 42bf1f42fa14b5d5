/* measure_peer - one repetition of a peer's measurement: starts what it needs, adds to the board,
 * ends it all. One function for each kind of peer. */
#ifndef REELQ_BENCH_MEASURE_PEER_H
#define REELQ_BENCH_MEASURE_PEER_H

#include "bench/peer.h"

/* Callbacks, each of which must be in the Redis list reelq:callbacks in the end; the same, without
 * Redis. */
void measure_peer_callbacks(struct bench *bench, const struct peer *peer);
void measure_peer_answers(struct bench *bench, const struct peer *peer);

/* Jobs that are queued before the worker starts. */
void measure_peer_jobs(struct bench *bench, const struct peer *peer);

#endif
