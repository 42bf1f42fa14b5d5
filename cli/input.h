/* input - what is to be submitted, from URLs, files and standard input: lists of URLs, JSON lines,
 * CSV, told apart by what is in them. All of it is read and checked before anything is pushed. */
#ifndef REELQ_CLI_INPUT_H
#define REELQ_CLI_INPUT_H

#include "cli/draft.h"
#include "cli/ids.h"

struct input {
    struct draft *drafts;
    size_t count, capacity;
    struct ids *ids;   /* of the drafts, in their order */
    const char *batch; /* NULL: none; what has no id is called BATCH.N then */
};

void input_init(struct input *input, const char *batch);
void input_clear(struct input *input);

/* A URL, the path of a file, or "-" for standard input. The error names place and value. */
MUST_USE bool input_add(struct input *input, const char *word, struct error *error);

/* The content of a file called `name` for errors. */
MUST_USE bool input_add_text(struct input *input, const char *name, struct slice text,
                             struct error *error);

#endif
