/* submission - claimed items that do not become a run at once: mistakes, batches, tasks to run
 * again. */
#ifndef REELQ_SUBMISSION_H
#define REELQ_SUBMISSION_H

#include "queue/transition.h"

/* `accepted` is false when the script did nothing (see each); also at the end of the process. */
typedef void (*submission_fn)(bool accepted, void *arg);

/* An item that cannot be a task becomes a failed one. Not accepted: a task of that id is there. */
struct submission_reject {
    struct slice member;
    const char *id;
    const char *failure; /* fragment "stage","error","action" */
    const char *about;   /* fragment, may be "" */
    const char *batch;   /* "" for none */
    int64_t batch_size;  /* 0: not given */
    bool keep;           /* leave a record and an entry in dead */
};
void submission_reject(struct queue *queue, const struct submission_reject *reject,
                       submission_fn fn, void *arg);

/* A failed task is run again: all of it, or only these children, whose records
 * are made anew where they have expired.
 * request, about, kind, label: "" keeps what is there; max_attempts 0 likewise. Not accepted: the
 * batches have changed since the record was read. A task that is not failed any more is left alone,
 * accepted. */
struct submission_rerun {
    struct slice member;
    const struct record *record;
    size_t child_count;
    const struct transition_child *children;
    const char *request, *about, *kind, *label;
    int64_t max_attempts;
};
void submission_rerun(struct queue *queue, const struct submission_rerun *rerun, submission_fn fn,
                      void *arg);

/* A slice of a batch item becomes items at the front of the queue. fn gets how many are expanded
 * by now, counted from the batch's end: `total` when the item is done with; SUBMISSION_OTHER_SIZE
 * when the batch was expanded before with another number of tasks; -1 at the end of the process. At
 * most QUEUE_MAX_ITEMS items in a call. */
enum { SUBMISSION_OTHER_SIZE = -2 };
typedef void (*submission_expand_fn)(int64_t expanded, void *arg);
struct submission_expand {
    struct slice member;
    const char *batch;
    int64_t total, expanded;
    size_t count;
    const struct slice *items;
};
void submission_expand(struct queue *queue, const struct submission_expand *expand,
                       submission_expand_fn fn, void *arg);

#endif
