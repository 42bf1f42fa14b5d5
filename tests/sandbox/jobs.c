#include "jobs.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "callbacks.h"
#include "media.h"

#define MAX_RESULT ((size_t)64 << 10)
#define MAX_BODY   ((size_t)128 << 10)

void jobs_init(struct jobs *jobs, struct event_base *base, struct callbacks *callbacks)
{
    *jobs = (struct jobs){.base = base, .callbacks = callbacks};
}

static void job_free(struct job *job)
{
    event_free(job->timer);
    if (job->fresh != NULL) {
        medium_free(job->fresh);
    }
    buffer_clear(&job->data);
    free(job->id);
    free(job->callback_url);
    free(job->subject);
    free(job);
}

void jobs_clear(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->by_id.capacity; i++) {
        if (jobs->by_id.entries[i].key != NULL) {
            job_free(jobs->by_id.entries[i].value);
        }
    }
    table_clear(&jobs->by_id);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    job_finish_now(arg, true);
}

struct job *jobs_add(struct jobs *jobs, const char *id)
{
    struct job *job = xcalloc(1, sizeof(*job));
    jobs->total++;
    job->jobs = jobs;
    job->id = xstrdup(id);
    job->number = jobs->total;
    buffer_init(&job->data, MAX_RESULT);
    job->timer = evtimer_new(jobs->base, on_due, job);
    jobs->count[JOB_PROCESSING]++;
    if (jobs->count[JOB_PROCESSING] > jobs->peak) {
        jobs->peak = jobs->count[JOB_PROCESSING];
    }
    table_put(&jobs->by_id, job->id, job);
    return job;
}

struct job *jobs_find(const struct jobs *jobs, struct slice id)
{
    return table_get(&jobs->by_id, id);
}

void job_start(struct job *job, int64_t ms)
{
    if (ms >= 0) {
        struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
        event_add(job->timer, &wait);
    }
}

static void set_state(struct job *job, enum job_state state)
{
    job->jobs->count[job->state]--;
    job->jobs->count[state]++;
    job->state = state;
}

void job_done(struct job *job)
{
    set_state(job, JOB_DONE);
}

void job_fail(struct job *job, const char *failure)
{
    job->failure = failure;
    set_state(job, JOB_FAILED);
}

void job_fill_reply(const struct job *job, struct reply *reply)
{
    if (job->state == JOB_DONE) {
        buffer_add_slice(&reply->data, buffer_slice(&job->data));
        return;
    }
    reply->success = REPLY_FALSE;
    (void)snprintf(reply->message, sizeof(reply->message), "%s", job->failure);
}

static void send_callback(struct job *job)
{
    struct reply reply;
    struct buffer body = BUFFER(MAX_BODY);
    reply_init(&reply);
    job_fill_reply(job, &reply);
    reply_add_body(&body, &reply, FAULT_NONE);
    struct callback_order order = {
        .url = job->callback_url,
        .body = buffer_slice(&body),
        .fault = job->fault,
        .on_first = job->on_first,
        .arg = job->arg,
    };
    callbacks_send(job->jobs->callbacks, &order);
    buffer_clear(&body);
    reply_clear(&reply);
}

void job_finish_now(struct job *job, bool with_callback)
{
    job->complete(job);
    if (with_callback && job->callback_url != NULL) {
        send_callback(job);
    }
}
