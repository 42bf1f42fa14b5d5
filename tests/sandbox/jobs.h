/* jobs - work that takes a simulated time, its end, and its async-response document. */
#ifndef SANDBOX_JOBS_H
#define SANDBOX_JOBS_H

#include "base/buffer.h"
#include "faults.h"
#include "reply.h"
#include "table.h"

struct event_base;
struct event;
struct callbacks;

enum job_state { JOB_PROCESSING, JOB_DONE, JOB_FAILED };

struct job {
    char *id;
    uint64_t number; /* 1, 2, 3 ... */
    enum job_state state;
    const char *failure;         /* static message of JOB_FAILED */
    struct buffer data;          /* JSON of the result of JOB_DONE */
    char *callback_url;          /* or NULL */
    struct fault_decision fault; /* of its callback */
    void (*on_first)(void *arg); /* when the callback's first attempt has ended; may be NULL */
    void *arg;

    /* Decides the end: calls job_done or job_fail. `subject` and `scene_id` are its own. */
    void (*complete)(struct job *job);
    void *context;        /* borrowed */
    struct medium *fresh; /* upload: the medium to be published; owned */
    char *subject;        /* index: the video's id */
    char scene_id[17];

    struct event *timer;
    struct jobs *jobs;
};

struct jobs {
    struct event_base *base;
    struct callbacks *callbacks;
    struct table by_id;
    uint64_t count[JOB_FAILED + 1];
    uint64_t total;
    uint64_t peak; /* of count[JOB_PROCESSING] */
};

void jobs_init(struct jobs *jobs, struct event_base *base, struct callbacks *callbacks);
void jobs_clear(struct jobs *jobs);

/* A job in JOB_PROCESSING that nothing drives yet; `id` is copied. Its owner is `jobs`. */
struct job *jobs_add(struct jobs *jobs, const char *id);
struct job *jobs_find(const struct jobs *jobs, struct slice id);

/* Lets it end after `ms` milliseconds; negative: never. */
void job_start(struct job *job, int64_t ms);

/* Ends it at once, with or without its callback. */
void job_finish_now(struct job *job, bool with_callback);

/* For `complete`. job_done leaves the result to be written to job->data by the caller. */
void job_done(struct job *job);
void job_fail(struct job *job, const char *failure);

/* Fills success, message and data of a reply from an ended job. */
void job_fill_reply(const struct job *job, struct reply *reply);

#endif
