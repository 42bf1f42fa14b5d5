/* overview - how much there is of everything in Redis: one script, whose cost does not grow with it
 * (docs/redis.md). */
#ifndef REELQ_OVERVIEW_H
#define REELQ_OVERVIEW_H

#include "queue/queue.h"

enum overview_place {
    OVERVIEW_TASKS, /* with what lies in `landing`, as of callbacks */
    OVERVIEW_CALLBACKS,
    OVERVIEW_QUESTIONS,
    OVERVIEW_TAKEN,
    OVERVIEW_CALLBACKS_TAKEN,
    OVERVIEW_RUNNING,
    OVERVIEW_AWAITING,
    OVERVIEW_DELAYED,
    OVERVIEW_DEAD,
    OVERVIEW_PLACES
};

/* Where each entry has its time. */
enum overview_set { OVERVIEW_LEASES, OVERVIEW_DEADLINES, OVERVIEW_DELAYS, OVERVIEW_SETS };

struct overview {
    int64_t now_ms;     /* by the clock of Redis */
    int64_t pause_ms;   /* that are left of a pause that the API wanted */
    double interval_ms; /* between two items, after such a pause; 0: they go as they come */
    int64_t items[OVERVIEW_PLACES];
    int64_t overdue_ms[OVERVIEW_SETS]; /* since when the earliest is due; 0: none is */
    struct slice next_task;            /* the same text: the same item is next in line; or empty */
    int64_t callback_age_ms; /* of the one that is next, by the clock of its webhook; 0: none */
};

/* `overview` is valid during the callback; NULL: Redis is away. */
typedef void (*overview_fn)(const struct overview *overview, void *arg);
void overview_read(struct queue *queue, overview_fn fn, void *arg);

#endif
