/* intake_rerun - a failed task is run again, by its bare id or by an item of the same id. */
#ifndef REELQ_INTAKE_RERUN_H
#define REELQ_INTAKE_RERUN_H

#include "worker/context.h"

/* `task`: what this item asks for, or NULL for what was asked for then. An upload whose video
 * exists runs only its failed indexes again. A task that is not failed is left alone; an id that
 * nobody knows becomes a failed message. Copies what it needs; gives the reserved slot back. */
void intake_rerun(struct context *context, struct slice member, const char *id,
                  const struct task *task);

#endif
