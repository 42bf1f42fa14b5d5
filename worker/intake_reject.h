/* intake_reject - an item that cannot be a task becomes a failed one, which says why. */
#ifndef REELQ_INTAKE_REJECT_H
#define REELQ_INTAKE_REJECT_H

#include "worker/context.h"

/* Both copy what they need, and give the reserved slot back when done. */
void intake_reject(struct context *context, struct slice member, const struct item *item);

/* An id that no task has. Leaves no record. */
void intake_reject_id(struct context *context, struct slice member, const char *id);

#endif
