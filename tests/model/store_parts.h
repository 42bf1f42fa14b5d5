/* store_parts - what the scripts of the model share, and the scripts themselves. */
#ifndef REELQ_TESTS_STORE_PARTS_H
#define REELQ_TESTS_STORE_PARTS_H

#include "model/op.h"

/* A set has a bit for each task. */
bool store_has(uint8_t set, uint8_t task);
void store_add(uint8_t *set, uint8_t task);
void store_take_out(uint8_t *set, uint8_t task);

uint8_t store_next_seq(struct store *store);
struct item store_pop_front(struct item *list, uint8_t *count);

/* Calls go to the front of the tasks, questions to the back of their own list. */
void store_queue_call(struct store *store, uint8_t task);
void store_queue_question(struct store *store, uint8_t task);

/* To the front of the list that it came from. */
void store_put_back(struct store *store, struct item item);

/* NULL when no member of that SEQ is in taken. */
struct member *store_find_taken(struct store *store, uint8_t seq);
void store_leave_taken(struct store *store, uint8_t seq);

/* A member joins its batch, or ends there with its message; the batch speaks when it is complete.
 */
void store_join_batch(struct store *store, uint8_t size);
void store_batch_check(struct store *store, unsigned off);
void store_count_end(struct store *store, uint8_t state, unsigned off);

struct reply store_claim(struct store *store);
struct reply store_admit(struct store *store, const struct op *op, unsigned off);
struct reply store_move(struct store *store, const struct op *op, unsigned off);
struct reply store_chain(struct store *store, const struct op *op, unsigned off);
struct reply store_finish(struct store *store, const struct op *op, unsigned off);
struct reply store_promote(struct store *store, const struct op *op);
struct reply store_renew(struct store *store, const struct op *op);
struct reply store_rerun(struct store *store, const struct op *op, unsigned off);
struct reply store_reject(struct store *store, const struct op *op, unsigned off);

#endif
