/* queue - waiting items: claim them, learn what is due, admit them as runs.
 * One call is one script; docs/redis.md describes each. Callbacks run from the loop, exactly once.
 */
#ifndef REELQ_QUEUE_H
#define REELQ_QUEUE_H

#include "queue/keys.h"
#include "queue/record.h"
#include "queue/scripts.h"

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
    int64_t pause_ms; /* the API told us to wait for so long; nothing was claimed then */
    int64_t waiting;  /* items left */
    size_t count;
    const struct slice *members;
};

/* NULL: Redis is away; what was claimed comes back by itself. */
typedef void (*queue_claim_fn)(const struct queue_claim *claim, void *arg);

/* At most `n` items; over `limit` awaiting and running tasks (0: none) only questions. */
struct queue_claim_request {
    enum queue_list list;
    unsigned n;
    int64_t limit;
};
void queue_claim(struct queue *queue, const struct queue_claim_request *request, queue_claim_fn fn,
                 void *arg);

/* The ITEM of a member. */
struct slice queue_item(struct slice member);

struct queue_due {
    int64_t next_ms; /* until something is due; -1: nothing is in sight */
    size_t lapsed_count, awaiting_count, delayed_count;
    const char *const *lapsed, *const *awaiting, *const *delayed; /* ids */
};
typedef void (*queue_due_fn)(const struct queue_due *due, void *arg);
void queue_due(struct queue *queue, queue_due_fn fn, void *arg);

/* A due id goes to the front of the queue: from delayed to call, from awaiting to ask. */
void queue_promote_delayed(struct queue *queue, const char *id);
void queue_promote_awaiting(struct queue *queue, const char *id);

/* One claimed item whose meaning is known. Texts are borrowed for the call. */
struct queue_admission {
    struct slice member;
    const char *op; /* "new", "@", "?" as in admit.lua */
    const char *id, *token, *kind, *request, *about, *batch, *label;
    int64_t max_attempts, batch_size;
};

enum queue_admitted { QUEUE_RUN, QUEUE_KNOWN, QUEUE_STALE };

/* `state`: of the known task. `record`: of the run, taken over by the callback; only token, attempt
 * and the time are filled for "new". */
struct queue_admitted_item {
    enum queue_admitted result;
    const char *state;
    struct record *record;
};
/* `items` in the order of the admissions; NULL at the end of the process. */
typedef void (*queue_admit_fn)(const struct queue_admitted_item *items, void *arg);

/* At most QUEUE_MAX_ADMIT items in one call, which persists over a lost Redis. */
enum { QUEUE_MAX_ADMIT = 64 };
struct queue_admissions {
    size_t count;
    const struct queue_admission *items;
};
void queue_admit(struct queue *queue, const struct queue_admissions *admissions, queue_admit_fn fn,
                 void *arg);

/* Takes the member out of the worker's hands: it is done with. */
void queue_drop(struct queue *queue, enum queue_list list, struct slice member);

/* `record` is taken over by the callback; its state is "" when there is none. NULL: Redis is away.
 */
typedef void (*queue_read_fn)(struct record *record, void *arg);
void queue_read(struct queue *queue, const char *id, queue_read_fn fn, void *arg);

#endif
