/* callback - what VideoDB reported, as the webhook stored it, is applied to its task.
 * Order does not matter: twice, late, early, of an older call, for a task that is gone. */
#ifndef REELQ_CALLBACK_H
#define REELQ_CALLBACK_H

#include "worker/context.h"

/* Takes the members of one claim of the list of callbacks. */
void callback_take(struct context *context, const struct queue_claim *claim);

/* A success of an upload that VideoDB told in another way, when the task had moved on meanwhile: it
 * is put behind the callbacks, as one of them. `body` is the reply; all is borrowed. */
struct callback_news {
    const char *id;
    int64_t call; /* its number */
    struct slice body;
};
void callback_put(struct context *context, const struct callback_news *news);

#endif
