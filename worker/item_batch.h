/* item_batch - a batch in one go, read from the object that was pushed. Pure. */
#ifndef REELQ_ITEM_BATCH_H
#define REELQ_ITEM_BATCH_H

#include "worker/item.h"

/* Fills item->id, tasks and task_count from the root object of `doc`, or says what is at fault; the
 * caller clears the item in either case. The members are checked only so far as they are members:
 * each is parsed as an item of its own later. */
MUST_USE bool item_batch_read(struct item *item, const struct json *doc,
                              const struct item_defaults *defaults, struct error *error);

/* The id of a member that has none, N counting from 1; the caller frees it. */
char *item_batch_member_id(const char *batch, size_t n);

#endif
