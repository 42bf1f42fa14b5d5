#include "accept.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"

struct job *accept_new_job(struct exchange *exchange, void (*complete)(struct job *job))
{
    char id[SANDBOX_ID_SIZE];
    sandbox_make_id(exchange->sandbox, "job-", id);
    struct job *job = jobs_add(&exchange->sandbox->jobs, id);
    job->complete = complete;
    job->context = exchange->sandbox;
    return job;
}

void accept_fill_processing(struct exchange *exchange, const struct job *job,
                            const char *request_type)
{
    struct reply *reply = &exchange->reply;
    struct buffer url = BUFFER(512);
    const char *elsewhere = exchange->sandbox->options->output_base;
    char *base = elsewhere != NULL ? xstrdup(elsewhere) : exchange_base_url(exchange);
    buffer_add_format(&url, "%s/async-response/%s", base, job->id);
    struct json_writer w = json_writer(&reply->data);
    json_open(&w, '{');
    json_key_string(&w, "id", job->id);
    json_key_slice(&w, "output_url", buffer_slice(&url));
    json_close(&w, '}');
    reply->state = "processing";
    reply->request_type = request_type;
    buffer_clear(&url);
    free(base);
}

static void answer_done(struct exchange *exchange, struct job *job)
{
    job_finish_now(job, false);
    if (job->state == JOB_FAILED) {
        exchange_refuse(exchange, 400, job->failure);
    } else {
        job_fill_reply(job, &exchange->reply);
    }
}

/* The early callback is through: now the reply. */
static void on_early_sent(void *arg)
{
    exchange_release(arg);
}

static void start_with_callback(struct exchange *exchange, struct job *job, int64_t ms)
{
    struct sandbox *sandbox = exchange->sandbox;
    accept_fill_processing(exchange, job, "async");
    if (!sandbox->options->async_data) {
        buffer_reset(&exchange->reply.data);
    }
    job->fault = faults_decide(&sandbox->faults, FAULT_ROUTE_CALLBACK);
    if (job->fault.kind == FAULT_EARLY && ms >= 0) {
        exchange->held = true;
        job->on_first = on_early_sent;
        job->arg = exchange;
        job_finish_now(job, true);
    } else {
        job_start(job, ms);
    }
}

void accept_job(struct exchange *exchange, struct acceptance *acceptance)
{
    struct sandbox *sandbox = exchange->sandbox;
    struct job *job = acceptance->job;
    struct journal_entry *entry = &acceptance->entry;
    int64_t ms = acceptance->duration_ms;
    if (ms > 0) {
        ms = sandbox_jitter(sandbox, ms);
    }
    job->callback_url = acceptance->callback_url;
    entry->job_id = job->id;
    entry->body = exchange->has_json ? exchange->body : slice_make(NULL, 0);
    entry->callback_url = job->callback_url;
    journal_add_operation(&sandbox->journal, entry, clock_wall_ms());
    if (exchange->fault.kind == FAULT_SYNC_DONE) {
        answer_done(exchange, job);
    } else if (job->callback_url != NULL) {
        start_with_callback(exchange, job, ms);
    } else {
        accept_fill_processing(exchange, job, "sync");
        job_start(job, ms);
    }
}
