/* task_index - one index that is to be made of a video: its type and its options. Pure. */
#ifndef REELQ_TASK_INDEX_H
#define REELQ_TASK_INDEX_H

#include "base/json_read.h"
#include "base/json_write.h"

enum { TASK_INDEX_MAX_DEPTH = 32 }; /* nesting within one option */

/* `label` is its name in messages and of the child: the type, with "_2", "_3" behind it where an
 * upload asks for one type more than once. Owned strings, never NULL. */
struct task_index {
    char *type; /* "spoken_words" or "scenes" */
    char *label;
    char *options; /* raw JSON object with the options only (without "type"); "{}" for none */
};

/* Reads the index `node`: a string, or an object with "type" and the options of that type. The
 * label is the type. The error goes right behind the name of the entry: ": must be a string or an
 * object, is a number", ".promt: unknown option". After false nothing needs clearing. */
MUST_USE bool task_index_parse(struct task_index *index, const struct json *doc, int node,
                               struct error *error);

/* One of a type that is known, without options. */
void task_index_init(struct task_index *index, struct slice type);

void task_index_clear(struct task_index *index);

/* "spoken_words", "scenes" are index types. */
bool task_index_known(struct slice type);

/* Writes / reads the object {"type":...,"label":...,"options":{...}} of the record. */
void task_index_write(struct json_writer *w, const struct task_index *index);
MUST_USE bool task_index_read(struct task_index *index, const struct json *doc, int node,
                              struct error *error);

#endif
