/* context - what the parts of one worker process share. Filled by worker.c, in its order of life.
 */
#ifndef REELQ_CONTEXT_H
#define REELQ_CONTEXT_H

#include <sys/queue.h>

#include "base/config.h"
#include "base/metrics.h"
#include "queue/callback_secret.h"
#include "queue/queue.h"
#include "worker/breaker.h"
#include "worker/http_client.h"
#include "worker/item.h"
#include "worker/outcome.h"

struct run;
TAILQ_HEAD(run_list, run);

/* What requests to VideoDB are for. */
enum api_kind { API_UPLOAD, API_INDEX, API_QUESTION, API_DUPLICATE, API_KINDS };

struct context {
    const struct config *config;
    struct loop *loop;
    struct redis *redis; /* commands; the feeders have their own connections to block on */
    struct queue queue;
    struct http_client *client;
    struct breaker breaker;
    struct error api_trouble;    /* why the breaker is open; "" when it is not */
    unsigned forbidden_in_a_row; /* tasks that got 403, without another answer between them */
    char *forbidden[OUTCOME_FORBIDDEN_IN_A_ROW]; /* their ids */
    unsigned limited_in_a_row;      /* pauses after 429 without a success between them */
    int64_t limited_until_ms;       /* monotonic: the end of the last of these pauses */
    struct callback_secret *secret; /* signs callback URLs; of no use without a public URL */
    struct item_defaults defaults;
    char *name; /* host:pid:nonce */
    int64_t started_at_ms;

    struct run_list runs;
    unsigned run_count;
    unsigned claiming;           /* slots for what the claim under way may bring */
    unsigned reserved;           /* slots for what is claimed, or chained, and not yet a run */
    unsigned callbacks_open;     /* claimed and not yet applied */
    int64_t callbacks_behind_ms; /* monotonic: when some were last known to lie unread, or could */
    unsigned deletions;          /* of duplicates, under way */
    bool draining;

    struct metrics metrics;
    struct metric outcomes[OUTCOME_COUNT];
    struct metric build, in_hand, slots, ready, failed, recovered, callbacks;
    struct metric calls, breaker_open, breaker_opened, redis_up, redis_reconnects;
    struct histogram api_seconds[API_KINDS], next_call_seconds, task_seconds, redis_seconds;

    /* A slot is free, or there may be something to claim. Set by worker.c. */
    void (*on_slot)(struct context *context);
    /* Something is due in `ms`. Set by worker.c. */
    void (*on_due)(struct context *context, int64_t ms);
};

#endif
