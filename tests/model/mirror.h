/* mirror - a real Redis to which is done what is done to the model: the same ops by the same
 * scripts, through the functions that a worker uses. */
#ifndef REELQ_TESTS_MIRROR_H
#define REELQ_TESTS_MIRROR_H

#include "model/words.h"
#include "support/queue_fixture.h"

struct mirror {
    struct queue_fixture *fixture;
    unsigned ready, failed, batch; /* messages so far */
    struct buffer text;
};

void mirror_init(struct mirror *mirror);
void mirror_clear(struct mirror *mirror);

/* Nothing is there any more. */
void mirror_empty(struct mirror *mirror);

/* Does it; the reply, in the words of words_reply(), until the next call. */
const char *mirror_apply(struct mirror *mirror, const struct op *op);

/* What stands there, in the words of words_store(), until the next call. */
const char *mirror_store(struct mirror *mirror);

#endif
