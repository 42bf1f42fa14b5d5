/* intake_batch - a batch item becomes one item per member, at the front of the queue, in order. */
#ifndef REELQ_INTAKE_BATCH_H
#define REELQ_INTAKE_BATCH_H

#include "worker/context.h"

/* Copies the member; gives the reserved slot back when all are expanded. */
void intake_batch(struct context *context, struct slice member);

#endif
