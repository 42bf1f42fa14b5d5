/* queue - waiting items: claim them, learn what is due, read records.
 * One call is one script: docs/redis.md. Callbacks run from the loop, exactly once. */
#ifndef REELQ_QUEUE_H
#define REELQ_QUEUE_H

#include "queue/keys.h"
#include "queue/record.h"
#include "queue/scripts.h"

/* No script works on more items than that in one call. */
enum { QUEUE_MAX_ITEMS = 64 };

/* What the calls of this layer share; filled by the owner. */
struct queue {
    struct keys keys;
    struct scripts *scripts;
    struct redis *redis;
    int64_t lease_ms;
    int64_t retention_ms;
};

/* The two lists that are claimed in the same way. */
enum queue_list { QUEUE_TASKS, QUEUE_CALLBACKS };

/* Members are "SEQ:ITEM", valid during the callback. */
struct queue_claim {
    int64_t pause_ms; /* come back after that time: the API told us to wait, or to go slowly */
    int64_t waiting;  /* items left */
    size_t count;
    const struct slice *members;
};

/* NULL: Redis is away; what was claimed comes back by itself. */
typedef void (*queue_claim_fn)(const struct queue_claim *claim, void *arg);
/* At most `n` items; while VideoDB has `limit` tasks (0: no limit) only questions. `probe`: of an
 * API that fails; what was submitted last comes first. */
struct queue_claim_request {
    enum queue_list list;
    unsigned n;
    int64_t limit;
    bool probe;
};
void queue_claim(struct queue *queue, const struct queue_claim_request *request, queue_claim_fn fn,
                 void *arg);
/* The SEQ and the ITEM of a member. */
struct slice queue_seq(struct slice member);
struct slice queue_item(struct slice member);

struct queue_due {
    int64_t next_ms; /* until something is due; -1: nothing is in sight */
    size_t lapsed_count, awaiting_count, delayed_count;
    const char *const *lapsed, *const *awaiting, *const *delayed; /* ids */
};
typedef void (*queue_due_fn)(const struct queue_due *due, void *arg);
void queue_due(struct queue *queue, queue_due_fn fn, void *arg);

/* Due ids, at most QUEUE_MAX_ITEMS, go from delayed to the front of the queue, from awaiting to the
 * questions. fn(how many went, arg) from the loop, 0 when Redis is away: others may have been
 * faster. */
typedef void (*queue_promote_fn)(int64_t went, void *arg);
struct queue_promotion {
    const char *const *ids;
    size_t count;
    queue_promote_fn fn;
    void *arg;
};
void queue_promote_delayed(struct queue *queue, const struct queue_promotion *promotion);
void queue_promote_awaiting(struct queue *queue, const struct queue_promotion *promotion);

/* An id in `running` whose record is gone or elsewhere is taken out of it. */
void queue_forget_running(struct queue *queue, const char *id);

/* Takes the member out of the worker's hands: it is done with. */
void queue_drop(struct queue *queue, enum queue_list list, struct slice member);

/* `record` is taken over by fn; its state is "" when there is none. NULL: Redis is away. */
typedef void (*queue_read_fn)(struct record *record, void *arg);
void queue_read(struct queue *queue, const char *id, queue_read_fn fn, void *arg);

#endif
