/* admission - claimed items whose meaning is known become runs: record, lease, token. */
#ifndef REELQ_ADMISSION_H
#define REELQ_ADMISSION_H

#include "queue/queue.h"

/* One claimed item whose meaning is known. Texts are borrowed for the call. */
struct admission {
    struct slice member;
    const char *op; /* "new", "@", "?" as in admit.lua */
    const char *id, *token, *kind, *request, *about, *batch, *label;
    int64_t max_attempts, batch_size;
};

enum admission_end { ADMISSION_RUN, ADMISSION_KNOWN, ADMISSION_STALE, ADMISSION_UNKNOWN };

/* `state`: of the known task. `record`: of the run, taken over by the callback; only token, attempt
 * and the time are filled for "new". */
struct admission_result {
    enum admission_end result;
    const char *state;
    struct record *record;
};
/* `items` in the order of the admissions; NULL at the end of the process. */
typedef void (*admission_fn)(const struct admission_result *items, void *arg);

/* At most QUEUE_MAX_ITEMS items in one call, which persists over a lost Redis. */
struct admission_batch {
    size_t count;
    const struct admission *items;
};
void admission_apply(struct queue *queue, const struct admission_batch *batch, admission_fn fn,
                     void *arg);

#endif
