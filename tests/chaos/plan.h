/* plan - which tasks are submitted when, and what must become of each. Pure: a function of the seed
 * and the counts. Task number 17 has the id "task-000017", batch number 3 is "batch-000003". */
#ifndef REELQ_CHAOS_PLAN_H
#define REELQ_CHAOS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum plan_kind {
    PLAN_UPLOAD,
    PLAN_INDEX,   /* of the video of an earlier upload */
    PLAN_MISTAKE, /* an unknown field: fails under its own id */
    PLAN_BROKEN   /* no JSON: fails under an id that reelq makes */
};

/* What VideoDB makes of the URL. */
enum plan_fate {
    PLAN_GOOD,
    PLAN_FLAKY, /* cannot be downloaded at first */
    PLAN_SILENT,
    PLAN_DOWNLOAD_FAILED,
    PLAN_INVALID_MEDIA,
    PLAN_CORRUPT
};

/* The operations of a task: its own, and its children's. */
enum { PLAN_OWN, PLAN_SPOKEN, PLAN_SCENES, PLAN_SLOTS };

enum { PLAN_NO_BATCH = -1, PLAN_MAX_TASKS = 1000000 };

struct plan_task {
    int64_t at_ms; /* when it is submitted, after the start */
    enum plan_kind kind;
    enum plan_fate fate;
    bool spoken, scenes;    /* indexes of an upload; which one it is of an index task */
    bool named[PLAN_SLOTS]; /* the operation has a name of the user's own */
    bool twice;             /* the same item is pushed again soon after */
    bool again;             /* run again when it has failed */
    int batch;              /* or PLAN_NO_BATCH */
};

struct plan_batch {
    unsigned first, count; /* its members, in a row */
    bool one_item;         /* submitted as one batch item */
};

struct plan {
    struct plan_task *tasks;
    struct plan_batch *batches;
    unsigned task_count, batch_count;
};

/* Tasks are submitted evenly over length_ms. Clear it. */
struct plan plan_make(uint64_t seed, unsigned tasks, int64_t length_ms);
void plan_clear(struct plan *plan);

/* Appends the item to be pushed for the task, or for a whole batch. `video_id` is for PLAN_INDEX.
 */
void plan_add_item(struct buffer *out, const struct plan *plan, unsigned task,
                   const char *video_id);
void plan_add_batch_item(struct buffer *out, const struct plan *plan, unsigned batch);

/* The end that VideoDB's answer to the URL leads to: NULL for ready, else a part of the error. */
const char *plan_error(const struct plan_task *task);

/* Finds task and slot (or batch) by an id in a message; false for an id of another form. */
bool plan_find_task(struct slice id, unsigned *task, unsigned *slot);
bool plan_find_batch(struct slice id, unsigned *batch);

#endif
