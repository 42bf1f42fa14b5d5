/* duplicate - two attempts of one upload both succeeded: the first one's video stays. */
#ifndef REELQ_DUPLICATE_H
#define REELQ_DUPLICATE_H

#include "worker/context.h"
#include "worker/videodb.h"

/* `settled` false: it could not be deleted now; note it again later. */
typedef void (*duplicate_fn)(bool settled, void *arg);

struct duplicate_end {
    duplicate_fn fn;
    void *arg;
};

/* Reports (event "duplicate") the video of `answer`, unless it is the one that the record has. With
 * REELQ_DUPLICATES=delete it is removed first, and the event says whether it was: only when VideoDB
 * says of both that they have the task's name, which nobody else chose, and no other task has it;
 * not when the task failed without a video ("kept" is null then), nor when VideoDB refuses to (403
 * among others). end.fn(settled, arg) runs exactly once, perhaps before this returns. All is
 * borrowed. */
void duplicate_note(struct context *context, const struct record *record,
                    const struct videodb_answer *answer, struct duplicate_end end);

#endif
