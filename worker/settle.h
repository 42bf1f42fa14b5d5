/* settle - what becomes of a task, once it is known what happened: each function is one decision,
 * applied by one transition. The same decisions serve calls, callbacks, questions and recovery. */
#ifndef REELQ_SETTLE_H
#define REELQ_SETTLE_H

#include "queue/transition.h"
#include "worker/context.h"
#include "worker/videodb.h"

/* TRANSITION_DONE, _STALE or _ENDED; _CLAIMED only of what SETTLE_TOLD says. */
typedef void (*settle_fn)(enum transition_result result, void *arg);

/* Takes the record over. One of the decisions below must follow; it ends with fn(result, arg), from
 * the loop, exactly once. fn may be NULL. */
struct settle;
struct settle *settle_new(struct context *context, struct record *record, settle_fn fn, void *arg);

/* Before the decision. The writer recovers a lapsed run: nothing happens when its worker has
 * renewed the lease since. Or it came by a claim with this SEQ (borrowed), of a task, or of a
 * callback of `told_at_ms` (wall time; else 0): an upload's first index may run under it. */
void settle_lapsed(struct settle *settle);
void settle_claimed(struct settle *settle, struct slice seq, int64_t told_at_ms);

/* Why something went wrong, for people; borrowed. `action` may be "". */
struct settle_reason {
    const char *error, *action;
};

/* VideoDB has taken the call: wait for the callback, or ask by and by. */
void settle_accepted(struct settle *settle, const struct videodb_answer *answer);

/* A callback is no proof: ask for the state at once, and keep what it said (hint_text()). */
void settle_ask(struct settle *settle, const char *hint);

/* VideoDB's own words for a failure, wherever they come from: try again, fail, or, when it is there
 * already, ask for its state. `action` is for words that are not known, may be "". */
void settle_refused(struct settle *settle, const char *message, const char *action);

/* It is there: an upload goes on to its indexes, everything else is ready. What another task has is
 * looked past when it was found by its name, left alone when a callback claims it. */
enum settle_origin { SETTLE_KNOWN, SETTLE_FOUND, SETTLE_TOLD };
void settle_success(struct settle *settle, const struct videodb_answer *answer,
                    enum settle_origin origin);

/* Try again later while there are attempts left, else fail. */
void settle_retry(struct settle *settle, const struct settle_reason *reason);

/* The API answered that it failed (5xx and the like), by its fault or the task's: settle_retry(),
 * but while workers only probe, and once before the last attempt is given up, settle_postpone(). */
void settle_failing(struct settle *settle, const struct settle_reason *reason);

/* Nothing reached the API, or it fails for all: later, with this attempt, not as the next probe. */
void settle_postpone(struct settle *settle, const char *error);

/* Wait as told, all workers, without losing an attempt. */
void settle_rate_limited(struct settle *settle, int64_t retry_after_ms);

/* The key or the account is at fault: the same as settle_postpone(); a question waits. */
void settle_blocked(struct settle *settle, const char *error);

/* Nothing was sent: back to the queue, without losing an attempt. */
void settle_hand_back(struct settle *settle);

/* Final. */
void settle_fail(struct settle *settle, const struct settle_reason *reason);

/* The call may have been accepted: wait for its callback within the grace, and ask meanwhile. */
void settle_unknown(struct settle *settle, const char *error);

/* Answers to a question: it is still being worked on; VideoDB knows nothing of it; what it says is
 * no answer; the API failed to answer, for which no task is given up while it fails for all. */
void settle_processing(struct settle *settle);
void settle_missing(struct settle *settle);
void settle_unanswered(struct settle *settle);
void settle_unasked(struct settle *settle);

/* A run lost its worker; the third time ends the task. */
void settle_recovered(struct settle *settle);

#endif
