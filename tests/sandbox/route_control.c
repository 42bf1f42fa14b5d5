#include "route_control.h"

#include "accept.h"
#include "base/json_write.h"
#include "callbacks.h"

#define MAX_FAULT_TEXT 256

/* ---- jobs and usage ---- */

static bool is_nested(const struct sandbox *sandbox, const struct job *job)
{
    enum document_form form = sandbox->options->document_form;
    return form == DOCUMENT_NESTED || (form == DOCUMENT_BOTH && job->number % 2 == 1);
}

void control_get_job(struct exchange *exchange)
{
    struct reply *reply = &exchange->reply;
    const struct job *job = jobs_find(&exchange->sandbox->jobs, exchange->arguments[0]);
    if (job == NULL) {
        reply_error(reply, 404, REPLY_FALSE, "Response not found");
        return;
    }
    if (job->state == JOB_PROCESSING) {
        accept_fill_processing(exchange, job, "sync");
        /* Both of the words that the SDKs know. */
        reply->state = is_nested(exchange->sandbox, job) ? "in progress" : "processing";
        return;
    }
    job_fill_reply(job, reply);
    reply->state = job->state == JOB_DONE ? "done" : "failed";
    reply->nested = is_nested(exchange->sandbox, job);
}

void control_get_usage(struct exchange *exchange)
{
    struct json_writer w = json_writer(&exchange->reply.data);
    json_open(&w, '{');
    json_key_int(&w, "credit_balance", 100);
    json_key_int(&w, "credit_used", (int64_t)exchange->sandbox->journal.sequence);
    json_key_string(&w, "plan_id", "sandbox");
    json_key_raw(&w, "cost_metric", slice_text("{}"));
    json_close(&w, '}');
}

/* ---- the sandbox's own ---- */

static void answer_lines(struct exchange *exchange, const struct journal *journal)
{
    exchange->reply.content_type = "application/x-ndjson";
    buffer_add_slice(&exchange->reply.data, buffer_slice(&journal->lines));
}

void control_get_journal(struct exchange *exchange)
{
    answer_lines(exchange, &exchange->sandbox->journal);
}

void control_get_requests(struct exchange *exchange)
{
    answer_lines(exchange, &exchange->sandbox->requests);
}

void control_get_callbacks(struct exchange *exchange)
{
    answer_lines(exchange, &exchange->sandbox->fates);
}

void control_reset(struct exchange *exchange)
{
    journal_reset(&exchange->sandbox->journal);
    journal_reset(&exchange->sandbox->requests);
    journal_reset(&exchange->sandbox->fates);
}

static void add_counts(struct json_writer *w, const struct sandbox *sandbox)
{
    const struct jobs *jobs = &sandbox->jobs;
    const struct journal *journal = &sandbox->journal;
    json_key_int(w, "videos", (int64_t)sandbox->media.live[MEDIUM_VIDEO]);
    json_key_int(w, "audios", (int64_t)sandbox->media.live[MEDIUM_AUDIO]);
    json_key_int(w, "images", (int64_t)sandbox->media.live[MEDIUM_IMAGE]);
    json_key_int(w, "collections", (int64_t)sandbox->collections.count);
    json_key_int(w, "requests", (int64_t)sandbox->requests.sequence);
    json_key_int(w, "dropped_lines",
                 (int64_t)(journal->dropped + sandbox->requests.dropped + sandbox->fates.dropped));
    json_add_key(w, "jobs");
    json_open(w, '{');
    json_key_int(w, "processing", (int64_t)jobs->count[JOB_PROCESSING]);
    json_key_int(w, "done", (int64_t)jobs->count[JOB_DONE]);
    json_key_int(w, "failed", (int64_t)jobs->count[JOB_FAILED]);
    json_key_int(w, "peak", (int64_t)jobs->peak); /* most in processing at once */
    json_close(w, '}');
    json_add_key(w, "operations");
    json_open(w, '{');
    for (size_t i = 0; i < JOURNAL_OPERATIONS && journal->operations[i] != NULL; i++) {
        json_key_int(w, journal->operations[i], (int64_t)journal->counts[i]);
    }
    json_close(w, '}');
}

static void add_fault_hits(struct json_writer *w, const struct faults *faults)
{
    struct buffer text = BUFFER(MAX_FAULT_TEXT);
    json_add_key(w, "faults");
    json_open(w, '[');
    for (size_t i = 0; i < faults->count; i++) {
        buffer_reset(&text);
        fault_add_text(&text, &faults->items[i]);
        json_open(w, '{');
        json_key_slice(w, "fault", buffer_slice(&text));
        json_key_int(w, "hits", (int64_t)faults->items[i].hits);
        json_close(w, '}');
    }
    json_close(w, ']');
    buffer_clear(&text);
}

void control_get_state(struct exchange *exchange)
{
    const struct sandbox *sandbox = exchange->sandbox;
    struct buffer callbacks = BUFFER(1024);
    struct json_writer w = json_writer(&exchange->reply.data);
    callbacks_add_json(&callbacks, sandbox->callbacks);
    exchange->reply.content_type = "application/json";
    json_open(&w, '{');
    add_counts(&w, sandbox);
    json_key_raw(&w, "callbacks", buffer_slice(&callbacks));
    add_fault_hits(&w, &sandbox->faults);
    json_close(&w, '}');
    buffer_clear(&callbacks);
}

void control_get_faults(struct exchange *exchange)
{
    struct buffer list = BUFFER(64 << 10);
    struct json_writer w = json_writer(&exchange->reply.data);
    faults_add_json(&list, &exchange->sandbox->faults);
    exchange->reply.content_type = "application/json";
    json_open(&w, '{');
    json_key_raw(&w, "faults", buffer_slice(&list));
    json_close(&w, '}');
    buffer_clear(&list);
}

/* Reads the array of fault texts. */
static bool read_faults(const struct json *json, struct faults *faults, struct error *error)
{
    struct buffer text = BUFFER(MAX_FAULT_TEXT);
    int list = json_get(json, JSON_ROOT, "faults");
    bool good = json_type(json, list) == JSON_ARRAY || error_set(error, "'faults' is no array");
    for (int node = good ? json_first(json, list) : JSON_NONE; good && node != JSON_NONE;
         node = json_next(json, node)) {
        buffer_reset(&text);
        good = json_string(json, node, &text) || error_set(error, "a fault is no string");
        good = good && faults_add(faults, buffer_slice(&text), error);
    }
    buffer_clear(&text);
    return good;
}

void control_set_faults(struct exchange *exchange)
{
    struct faults fresh;
    struct error error;
    if (!exchange_json(exchange)) {
        return;
    }
    faults_init(&fresh, exchange->sandbox->faults.seed);
    if (read_faults(&exchange->json, &fresh, &error)) {
        faults_replace(&exchange->sandbox->faults, &fresh);
        control_get_faults(exchange);
    } else {
        reply_error(&exchange->reply, 400, REPLY_FALSE, error.text);
    }
    faults_clear(&fresh);
}
