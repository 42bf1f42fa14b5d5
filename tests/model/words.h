/* words - the model in words, for people and for comparing it with a Redis. */
#ifndef REELQ_TESTS_WORDS_H
#define REELQ_TESTS_WORDS_H

#include "base/buffer.h"
#include "model/world.h"

extern const char *const words_row[ROWS];   /* the names in rows.def, "" for none */
extern const char *const words_state[];     /* as in the record */
extern const char *const words_task[TASKS]; /* ids */

/* "a@7", "a?7", "a", "{}": the item as it stands in a list. */
void words_item(struct buffer *out, const struct item *item);

/* What stands in Redis, a line for each key; the same as the script in mirror.c says. */
void words_store(struct buffer *out, const struct store *store);

/* What the script says: a member, "run TOKEN ATTEMPT", a state, "done", "stale", how many went; ""
 * for others. */
void words_reply(struct buffer *out, const struct op *op, const struct reply *reply);

/* "worker 1 moves a/words: MOVE_DELAYED" */
void words_step(struct buffer *out, const struct step *step);

#endif
