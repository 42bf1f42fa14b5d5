/* run - one admitted task in this worker's hands: its call to VideoDB, or a question about it. */
#ifndef REELQ_RUN_H
#define REELQ_RUN_H

#include "worker/context.h"

/* When (monotonic) the lease of a run ends: with it over nothing is sent any more, and the task is
 * handed back. When (wall time) the upload was told to be done that an index follows; else 0. */
struct run_times {
    int64_t lease_until_ms, told_at_ms;
};

/* Takes the record over, and one slot until the task is settled. */
void run_start(struct context *context, struct record *record, struct run_times times);

/* For the lease keeper. */
const char *run_id(const struct run *run);
const char *run_token(const struct run *run);
struct run *run_next(struct run *run);

/* The run is somebody else's by now, or the process ends: its transfer is dropped, it settles
 * nothing. */
void run_drop(struct run *run, const char *why);

/* The worker stops, or calls are not wanted now: those that still wait for a slot go back to the
 * queue. */
void run_give_back(struct context *context);

/* The worker stops and cannot wait for the answer: a question goes back to the queue, a call that
 * was sent has an unknown outcome. The slot is free when that is written. */
void run_abandon(struct run *run);

#endif
