/* draft - one task to be submitted: checked as far as a mistake can be told before it is pushed. */
#ifndef REELQ_CLI_DRAFT_H
#define REELQ_CLI_DRAFT_H

#include "base/buffer.h"
#include "base/error.h"

/* Of the options, for tasks that do not say otherwise. */
struct draft_defaults {
    const char *batch;      /* NULL: none */
    const char *index;      /* JSON array; NULL: what the workers have */
    const char *collection; /* NULL: none */
    int64_t batch_size;
};

struct draft {
    char *members; /* inside of the JSON object, as it was given */
    char *id;      /* its own; NULL: none */
    bool has_batch, has_index, has_collection;
};

/* `text` must be a JSON object that names an upload with a good URL, or an index task. After false
 * nothing needs clearing. */
MUST_USE bool draft_read(struct draft *draft, struct slice text, struct error *error);
void draft_clear(struct draft *draft);

/* Appends the item for reelq:tasks. */
void draft_add_item(struct buffer *out, const struct draft *draft, const char *id,
                    const struct draft_defaults *defaults);

/* Makes the JSON array of "spoken_words,scenes", "none", or an array or object of JSON; the caller
 * frees it. NULL and an error for anything else. */
char *draft_index(const char *text, struct error *error);

#endif
