/* feeder - keeps one list flowing into this worker: claim while there is room, block when it is
 * empty. One push wakes one worker at once: BLMOVE list landing, on a connection of its own. */
#ifndef REELQ_FEEDER_H
#define REELQ_FEEDER_H

#include "worker/context.h"

struct feeder;

struct feeder_options {
    enum queue_list list;
    const char *name; /* of the connection, for logs */
    const struct redis_url *url;
    /* How many items may be claimed now; 0 with *retry_ms >= 0: look again after that time. */
    unsigned (*room)(struct context *context, int64_t *retry_ms);
    /* Takes claimed members; called only with at least one. */
    void (*take)(struct context *context, const struct queue_claim *claim);
    int64_t limit; /* of awaiting and running tasks, 0: none */
};

struct feeder *feeder_new(struct context *context, const struct feeder_options *options);

/* There may be room or work: look, now or as soon as the claim under way is answered. */
void feeder_kick(struct feeder *feeder);

/* Claims no more. */
void feeder_stop(struct feeder *feeder);

/* True while a claim is not yet answered. */
bool feeder_claiming(const struct feeder *feeder);

void feeder_free(struct feeder *feeder);

#endif
