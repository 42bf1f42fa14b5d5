/* submitter - pushes the tasks of the plan when their time has come, as a careful user does: what
 * was not answered is pushed again under the same id. */
#ifndef REELQ_CHAOS_SUBMITTER_H
#define REELQ_CHAOS_SUBMITTER_H

#include <stdbool.h>
#include <stdint.h>

#include "chaos/ledger.h"
#include "chaos/plan.h"

struct submitter;

/* All are borrowed. `path`: socket of Redis. */
struct submitter *submitter_new(const struct plan *plan, struct ledger *ledger, const char *path);
void submitter_free(struct submitter *submitter);

/* Sends what is due `now_ms` after the start, takes replies; does not wait. */
void submitter_tick(struct submitter *submitter, int64_t now_ms);

/* Sends what there is to send and loses the connection, with the replies that are under way. */
void submitter_cut(struct submitter *submitter);

/* A video that may be indexed again; copied. */
void submitter_offer_video(struct submitter *submitter, const char *video_id);

/* Pushes the bare id of a failed task, at the next tick. */
void submitter_run_again(struct submitter *submitter, unsigned task);

/* Tasks that were due so far and pushes that are not answered yet; 0: nothing is left to do. */
unsigned submitter_taken(const struct submitter *submitter);
unsigned submitter_open(const struct submitter *submitter);

#endif
