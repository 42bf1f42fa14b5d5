/* intake - claimed items become runs, failed tasks, expanded batches, or nothing (a repeat). */
#ifndef REELQ_INTAKE_H
#define REELQ_INTAKE_H

#include "worker/context.h"

/* Takes the members of one claim; each holds one reserved slot until it is a run or done with. */
void intake_take(struct context *context, const struct queue_claim *claim);

#endif
