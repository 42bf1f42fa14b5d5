/* item - what was pushed on the queue: is it a task, a batch, an id, or a mistake? Pure.
 * Every fault becomes an error that names the field ("index[1].extraction_type: must be ..."). */
#ifndef REELQ_ITEM_H
#define REELQ_ITEM_H

#include "base/json_read.h"
#include "worker/task.h"

enum item_kind {
    ITEM_TASK,     /* a submitted upload or index: `task` */
    ITEM_BATCH,    /* a batch in one go: `batch_id`, `tasks` */
    ITEM_ID,       /* a bare id of a user: run this failed task again: `id` */
    ITEM_CALL,     /* reelq's own "ID@TOKEN": a queued call: `id`, `token` */
    ITEM_QUESTION, /* reelq's own "ID?TOKEN": a question to the API: `id`, `token` */
    ITEM_BAD       /* anything else: `error`; `id`, `batch`, `batch_size` and `meta` if readable */
};

enum {
    ITEM_MAX_BYTES = 1 << 20,
    ITEM_MAX_WRITTEN = 2 * ITEM_MAX_BYTES, /* of one that we write ourselves, escapes and all */
    ITEM_MAX_DEPTH = 64,
    ITEM_MAX_URL = 8192,
    ITEM_MAX_META = 65536,
    ITEM_MAX_BATCH = 10000,
    ITEM_MAX_INDEXES = 32
};

/* What a task gets that does not say otherwise. */
struct item_defaults {
    int64_t max_attempts;
    const char *default_index; /* comma list, "" for none; checked by item_check_default_index() */
};

/* Everything is owned by the item. Strings are NULL when not given. */
struct item {
    enum item_kind kind;
    struct task task;    /* ITEM_TASK; its id is NULL when the submitter gave none */
    char *id;            /* ITEM_ID, ITEM_CALL, ITEM_QUESTION, ITEM_BAD, batch id of ITEM_BATCH */
    uint64_t token;      /* ITEM_CALL, ITEM_QUESTION */
    char *batch;         /* ITEM_BAD */
    int64_t batch_size;  /* ITEM_BAD; 0: not given */
    char *meta;          /* ITEM_BAD: raw JSON */
    struct slice *tasks; /* ITEM_BATCH: raw member objects, slices into the text given */
    size_t task_count;
    struct error error; /* ITEM_BAD */
};

/* Never fails: what is wrong becomes ITEM_BAD. `text` must outlive an ITEM_BATCH. */
void item_parse(struct item *item, struct slice text, const struct item_defaults *defaults);
void item_clear(struct item *item);

/* Appends the member `n` of a batch as an item of its own: the raw object with "batch" and, where
 * it has none, an "id" BATCH.N (N counts from 1) put at its front. */
void item_add_member(struct buffer *out, const struct item *batch, size_t n);

/* Is REELQ_DEFAULT_INDEX a comma list of index types? */
MUST_USE bool item_check_default_index(const char *list, struct error *error);

#endif
