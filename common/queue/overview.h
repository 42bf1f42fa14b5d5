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

/* Its name in JSON. */
const char *overview_name(enum overview_place place);

/* For who may run no scripts: the command that counts part 0 or 1 of a place, and its key. False:
 * there is no such part. */
bool overview_command(const struct keys *keys, enum overview_place place, int part,
                      const char *words[2]);

/* When a callback came, by the beginning of its envelope; 0: that does not say. */
int64_t overview_received_at_ms(const char *envelope);

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
