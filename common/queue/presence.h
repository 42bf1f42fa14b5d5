/* presence - what a worker tells the others: its leases, its place in the list, pauses, events. */
#ifndef REELQ_PRESENCE_H
#define REELQ_PRESENCE_H

#include "queue/queue.h"

/* One run whose lease is to be extended. */
struct presence_lease {
    const char *id;
    const char *token;
};

struct presence {
    const char *worker; /* its name: host:pid:nonce */
    int64_t started_at_ms;
    int64_t runs; /* under way in this worker, also those of other calls of this function */
    int64_t concurrency, memory_bytes;
    int64_t ready, failed; /* tasks that it has brought to their end */
    const char *api;       /* what is wrong with VideoDB, for people; NULL or "": nothing */
    size_t count;          /* at most QUEUE_MAX_ITEMS in one call */
    const struct presence_lease *leases;
};

/* fn gets an id for each lease that is somebody else's by now; then NULL, once, at the end. When
 * Redis is away it gets just a NULL with `renewed` false. */
typedef void (*presence_fn)(const char *lost_id, bool renewed, void *arg);
void presence_renew(struct queue *queue, const struct presence *presence, presence_fn fn,
                    void *arg);

/* No worker claims tasks for `ms` from now; a longer pause stays. After it they claim together at
 * half the pace of before, and by and by faster. */
void presence_pause(struct queue *queue, int64_t ms);

/* One entry in the stream of events; `detail` is a JSON fragment or "". */
void presence_event(struct queue *queue, const char *event, const char *id, const char *detail);

#endif
