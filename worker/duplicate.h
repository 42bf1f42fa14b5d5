/* duplicate - two attempts of one upload both succeeded: the first one's video stays. */
#ifndef REELQ_DUPLICATE_H
#define REELQ_DUPLICATE_H

#include "worker/context.h"
#include "worker/videodb.h"

/* Reports (event "duplicate"), and with REELQ_DUPLICATES=delete removes, the video of `answer`
 * unless it is the one that the record has. A task that failed without a video keeps none: "kept"
 * is null then, and nothing is removed. */
void duplicate_note(struct context *context, const struct record *record,
                    const struct videodb_answer *answer);

#endif
