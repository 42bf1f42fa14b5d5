/* transition - a task's steps through its life, applied atomically by one script each.
 * The caller has read the record and decided; the record's token makes the script do nothing when
 * somebody else has moved the task since. All calls persist over a lost Redis. */
#ifndef REELQ_TRANSITION_H
#define REELQ_TRANSITION_H

#include "queue/queue.h"
#include "queue/transition_end.h"
#include "queue/transition_fields.h"

/* To awaiting, delayed or queued. Texts are borrowed for the call; NULL counts as "". */
struct transition_move {
    bool lapsed; /* only when the lease has ended */
    const char *target;
    int64_t delay_ms;
    const char *mark;  /* queued: "@" to call, "?" to ask */
    const char *stamp; /* a field that gets the time */
    const char *event, *detail;
    struct transition_fields fields;
};
void transition_move(struct queue *queue, const struct record *record,
                     const struct transition_move *move, struct transition_end end);

/* To ready or failed. `index_state` and `failure` go to the parent of a child. */
struct transition_finish {
    bool lapsed;
    bool ready;
    bool found;           /* the video was found by its name: only if no other task has it */
    const char *video_id; /* whose owner the task becomes; of an index its scene index */
    const char *index_state, *failure;
    struct transition_fields fields;
};
void transition_finish(struct queue *queue, const struct record *record,
                       const struct transition_finish *finish, struct transition_end end);

/* An upload to indexing: its children are made. The first one may take its place and start at once,
 * as the run of the claim `seq`, unless it has to wait like others (a pause, a pace); they are
 * queued. */
struct transition_child {
    char *id, *label, *request;
};
struct transition_chain {
    bool lapsed;
    bool found;
    const char *video_id;
    const char *detail; /* of the event "uploaded" */
    struct slice seq;   /* of the claim that brought the writer here; empty: all are queued */
    bool full;          /* it would wait for a slot here: only if others wait in the queue */
    size_t count;
    const struct transition_child *children;
    struct transition_fields fields;
};

/* `first`: the record of the first child, which is the caller's run now; taken over. NULL when it
 * is queued, or nothing was done. */
typedef void (*transition_chain_fn)(enum transition_result result, struct record *first, void *arg);
struct transition_chain_end {
    transition_chain_fn fn;
    void *arg;
};
void transition_chain(struct queue *queue, const struct record *record,
                      const struct transition_chain *chain, struct transition_chain_end end);

#endif
