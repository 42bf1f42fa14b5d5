/* decide - what a worker writes down for what it has learned: worker/settle*.c and callback.c, as
 * ops for the model. `seen` is the record as the worker has read it, and `task` whose it is. */
#ifndef REELQ_TESTS_DECIDE_H
#define REELQ_TESTS_DECIDE_H

#include "model/op.h"

/* A worker that is lost so often is one too many. */
enum { MAX_CRASHES = 3 };

/* What has been learned: by the reply to a call, the answer to a question, a callback, or from a
 * lease that has ended. */
enum fact {
    FACT_ACCEPTED,   /* it is being worked on: settle_accepted */
    FACT_SUCCESS,    /* it is there: settle_success */
    FACT_TRY_AGAIN,  /* it has failed, or was not taken: settle_retry */
    FACT_FAILING,    /* the API has failed, and it may be the task's fault: settle_failing */
    FACT_REJECTED,   /* it has failed for good: settle_fail */
    FACT_POSTPONE,   /* nothing reached the API, or it fails for all: settle_postpone */
    FACT_LATER,      /* settle_rate_limited */
    FACT_HAND_BACK,  /* settle_hand_back */
    FACT_UNKNOWN,    /* settle_unknown */
    FACT_EXISTS,     /* "already exists": settle_refused */
    FACT_UNREADABLE, /* a callback: settle_ask */
    FACT_PROCESSING, /* a question: settle_processing */
    FACT_MISSING,    /* a question: settle_missing */
    FACT_UNANSWERED, /* a question: settle_unanswered */
    FACT_OVERDUE,    /* a question after REELQ_JOB_TIMEOUT: fail_overdue */
    FACT_LOST,       /* the lease has ended: settle_recovered */
    FACTS
};
extern const char *const fact_words[FACTS];

struct learned {
    uint8_t fact;
    uint8_t task;
    uint8_t video;    /* of a success: which job, from 1 */
    uint8_t indexes;  /* how many the upload has */
    uint8_t attempts; /* at most */
};

/* `off`: guards that are switched off. */
struct op decide(const struct learned *learned, const struct task *seen, unsigned off);

/* The failed indexes of an upload whose video exists, as bits; 0: all of it is run again. */
struct op decide_rerun(const struct member *member, const struct task *seen);

#endif
