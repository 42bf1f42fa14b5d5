/* callback - what VideoDB reported, as the webhook stored it, is applied to its task.
 * Order does not matter: twice, late, early, of an older call, for a task that is gone. */
#ifndef REELQ_CALLBACK_H
#define REELQ_CALLBACK_H

#include "worker/context.h"

/* Takes the members of one claim of the list of callbacks. */
void callback_take(struct context *context, const struct queue_claim *claim);

#endif
