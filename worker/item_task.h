/* item_task - an upload or an index task, read from the object that was pushed. Pure. */
#ifndef REELQ_ITEM_TASK_H
#define REELQ_ITEM_TASK_H

#include "worker/item.h"

/* Fill item->task from the root object of `doc`, or say which field is at fault; the caller clears
 * the item in either case. */
MUST_USE bool item_task_read_upload(struct item *item, const struct json *doc,
                                    const struct item_defaults *defaults, struct error *error);
MUST_USE bool item_task_read_index(struct item *item, const struct json *doc,
                                   const struct item_defaults *defaults, struct error *error);

/* Adds the index types of the comma list `list` to the task; "" adds none. */
MUST_USE bool item_task_add_defaults(struct task *task, const char *list, struct error *error);

/* Takes over what can be relied on in an object that is at fault elsewhere: item->id, batch,
 * batch_size and meta, each where it is valid. */
void item_task_rescue(struct item *item, const struct json *doc);

#endif
