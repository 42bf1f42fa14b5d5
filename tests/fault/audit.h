/* audit - is everything as it should be, now that the scenario is over? */
#ifndef REELQ_FAULT_AUDIT_H
#define REELQ_FAULT_AUDIT_H

#include "base/buffer.h"
#include "e2e/witness.h"
#include "support/redis_server.h"

struct audit {
    struct redis_server *redis;
    struct witness *witness;
    const char *journal; /* of the sandbox: what it accepted in this run */
    const char *prefix;  /* of the run's ids */
    struct buffer *complaints;
};

/* The lists and sets in which unfinished work stands. */
#define AUDIT_HOMES                                                                                \
    "reelq:tasks reelq:tasks:landing reelq:taken reelq:callbacks reelq:callbacks:landing "         \
    "reelq:callbacks:taken reelq:running reelq:awaiting reelq:delayed"

/* Appends a line for everything that is wrong:
 *   - each record is in its terminal state and expires; no other key is there but those that stay;
 *   - the stream has each terminal message, each child's end and the batch's message exactly once,
 *     and no second video; the channels say the same, byte for byte; the batch's counts are right;
 *   - the API accepted each call exactly as often as it had to. */
void audit_all(const struct audit *audit);

#endif
