/* settle_op - the one operation behind settle.h, shared by its parts: moves (settle.c), those that
 * cost no attempt (settle_spare.c), those to a question (settle_ask.c), the end of an upload that
 * goes on to its indexes (settle_chain.c) and the others (settle_end.c). Nobody else includes this.
 */
#ifndef REELQ_SETTLE_OP_H
#define REELQ_SETTLE_OP_H

#include "worker/settle.h"

struct settle {
    struct context *context;
    struct record *record;
    settle_fn fn;
    void *arg;
    bool lapsed;
    bool doubted;           /* the record is to say that it was excused */
    bool told;              /* by a callback: that another task has it is the caller's business */
    struct slice seq;       /* of the claim that led here, empty for none */
    bool starting;          /* the first index, perhaps: a slot is reserved for it */
    int64_t lease_until_ms; /* monotonic: of its run */
    int64_t told_at_ms;     /* wall time: when the callback that is settled came; 0: none did */
    enum outcome outcome;   /* for metrics and the log */
    const char *event;
    char *failure, *index_state, *indexes;  /* fragments of `finish`, kept to apply it again */
    char *media, *video_id, *collection_id; /* video_id: of an index its scene index */
    struct transition_finish finish;
};

/* The API has failed at what would be the end of the task. Is that the API's fault? While workers
 * only probe, yes; else once: it may be the beginning of an outage, of which the breaker knows by
 * the next time. */
bool settle_excused(struct settle *settle);

/* It is there already, say VideoDB's words: asks for its state. */
void settle_ask_existing(struct settle *settle, const char *message);

/* What an upload that has its video keeps of it. */
void settle_keep_media(struct settle *settle, struct transition_fields *fields);

/* The upload waits for the indexes of `task` from now on. `found`: by its name. */
void settle_chain(struct settle *settle, const struct task *task, bool found);

/* Applies one move; settle_on_applied() follows. */
void settle_move(struct settle *settle, struct transition_move *move);

/* The transition was applied, or not; decides what comes next, and ends the operation. */
void settle_on_applied(enum transition_result result, const struct transition_news *news,
                       void *arg);

#endif
