/* run_start -> call | ask -> on_called | on_answered -> settle_* -> on_done */
#include "worker/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "worker/api_health.h"
#include "worker/callback_url.h"
#include "worker/question.h"
#include "worker/settle.h"

enum { MAX_URL = 16384 };

struct run {
    struct context *context;
    struct record *record; /* NULL once it is handed to settle */
    char *id, *token;
    struct task task;
    struct http_call *call; /* NULL when none is under way */
    enum question_kind question;
    bool asks_api; /* the question goes to the configured API, not to some document elsewhere */
    int64_t lease_until_ms;
    TAILQ_ENTRY(run) entry;
};

const char *run_id(const struct run *run)
{
    return run->id;
}

const char *run_token(const struct run *run)
{
    return run->token;
}

struct run *run_next(struct run *run)
{
    return TAILQ_NEXT(run, entry);
}

static void finish(struct run *run)
{
    struct context *context = run->context;

    TAILQ_REMOVE(&context->runs, run, entry);
    context->run_count--;
    record_free(run->record);
    task_clear(&run->task);
    free(run->id);
    free(run->token);
    free(run);
    context->on_slot(context);
}

void run_drop(struct run *run, const char *why)
{
    if (run->record == NULL)
        return; /* it is being settled: its token decides */
    log_warn("run-dropped", "id=%s reason=%s", run->id, why);
    if (run->call != NULL)
        http_client_cancel(run->call);
    finish(run);
}

static void on_done(enum transition_result result, void *arg)
{
    struct run *run = arg;

    if (result == TRANSITION_STALE)
        log_info("run-outdated", "id=%s", run->id);
    finish(run);
}

/* The record goes over to settle; the slot stays taken until on_done. */
static struct settle *settle_run(struct run *run)
{
    struct record *record = run->record;
    run->record = NULL;
    return settle_new(run->context, record, on_done, run);
}

void run_abandon(struct run *run)
{
    if (run->record == NULL)
        return;
    bool question = record_is(run->record, RECORD_purpose, "ask");
    if (run->call != NULL)
        http_client_cancel(run->call);
    run->call = NULL;
    if (question)
        settle_hand_back(settle_run(run), "handed_back", NULL);
    else
        settle_unknown(settle_run(run), "The worker was stopped during the call.");
}

/* --- the call --- */

static void settle_reply(struct settle *settle, const struct videodb_answer *answer)
{
    switch (answer->says) {
    case VIDEODB_PROCESSING:
        settle_accepted(settle, answer->output_url);
        break;
    case VIDEODB_SUCCESS:
        settle_success(settle, answer, false);
        break;
    case VIDEODB_FAILURE:
        settle_refused(settle, answer->message, "");
        break;
    case VIDEODB_MISSING:
    case VIDEODB_UNREADABLE:
        settle_unknown(settle, answer->message != NULL ? answer->message : "Unreadable reply.");
        break;
    }
}

/* A status that is no success: VideoDB's own words where they decide, else the status. */
static void settle_status(struct run *run, const struct http_result *result,
                          const struct videodb_answer *answer)
{
    struct context *context = run->context;
    bool said = answer->says == VIDEODB_FAILURE;
    char *text = said ? xstrdup(answer->message)
                      : xasprintf("VideoDB answered with status %d.", result->status);
    struct settle_reason reason = {text, outcome_action_of_status(result->status)};
    struct settle *settle = settle_run(run);

    switch (
        outcome_of_status(result->status, result->retry_after_ms, context->forbidden_in_a_row)) {
    case OUTCOME_blocked:
        settle_hand_back(settle, "blocked", text);
        break;
    case OUTCOME_rate_limited:
        settle_rate_limited(settle, result->retry_after_ms);
        break;
    case OUTCOME_retry:
        settle_failing(settle, &reason);
        break;
    default:
        if (said)
            settle_refused(settle, text, reason.action);
        else
            settle_fail(settle, &reason);
        break;
    }
    free(text);
}

static void read_reply(struct run *run, struct videodb_answer *answer, struct slice body)
{
    if (run->task.kind == TASK_UPLOAD)
        videodb_read_upload(answer, body);
    else
        videodb_read_index(answer, body);
}

static void on_replied(struct run *run, const struct http_result *result)
{
    struct videodb_answer answer = {0};

    read_reply(run, &answer, result->body);
    if (result->status >= 200 && result->status < 300)
        settle_reply(settle_run(run), &answer);
    else
        settle_status(run, result, &answer);
    videodb_answer_clear(&answer);
}

static void on_called(const struct http_result *result, void *arg)
{
    struct run *run = arg;

    run->call = NULL;
    if (result->end == HTTP_CANCELLED) {
        run_drop(run, "shutdown");
        return;
    }
    api_health_note(run->context, result);
    if (result->end == HTTP_REPLIED)
        on_replied(run, result);
    else if (result->end == HTTP_NOT_SENT)
        settle_postpone(settle_run(run), result->error);
    else
        settle_unknown(settle_run(run), result->error);
}

static void send(struct run *run, const struct http_call_request *request, http_done_fn done)
{
    run->context->calls.value++;
    run->call = http_client_send(run->context->client, request, done, run);
}

static void call(struct run *run)
{
    struct context *context = run->context;
    struct videodb_request request;
    struct buffer callback = BUFFER(MAX_URL), url = BUFFER(MAX_URL);

    videodb_request_init(&request);
    if (context->config->public_url[0] != '\0')
        callback_url_add(&callback, context, run->record);
    videodb_call(&request, &run->task, run->id, buffer_text(&callback));
    buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    struct http_call_request http = {request.method, buffer_text(&url), buffer_slice(&request.body),
                                     true, run->lease_until_ms};
    log_debug("call", "id=%s path=%s", run->id, buffer_text(&request.path));
    send(run, &http, on_called);
    videodb_request_clear(&request);
    buffer_clear(&callback);
    buffer_clear(&url);
}

/* --- the question --- */

static void settle_answer(struct run *run, const struct videodb_answer *answer)
{
    bool found = run->question == QUESTION_VIDEOS;
    struct settle *settle = settle_run(run);

    switch (answer->says) {
    case VIDEODB_SUCCESS:
        settle_success(settle, answer, found);
        break;
    case VIDEODB_FAILURE:
        settle_refused(settle, answer->message, "");
        break;
    case VIDEODB_PROCESSING:
        settle_processing(settle);
        break;
    case VIDEODB_MISSING:
        settle_missing(settle);
        break;
    case VIDEODB_UNREADABLE:
        settle_unanswered(settle);
        break;
    }
}

static void ask(struct run *run);

/* What VideoDB says, also with a status that is no success: only words count as "not there". */
static void on_answer(struct run *run, const struct http_result *result)
{
    struct videodb_answer answer = {.says = VIDEODB_UNREADABLE};
    bool job = run->question == QUESTION_JOB;

    question_read(&answer, run->question, result->body, &run->task);
    if (result->status == 404 && answer.says != VIDEODB_SUCCESS)
        answer.says = VIDEODB_MISSING;
    if (job && answer.says == VIDEODB_MISSING) {
        record_set(run->record, RECORD_output_url, ""); /* documents expire: ask by other means */
        ask(run);
    } else {
        settle_answer(run, &answer);
    }
    videodb_answer_clear(&answer);
}

static enum outcome outcome_of_question(const struct run *run, const struct http_result *result)
{
    if (result->end != HTTP_REPLIED)
        return OUTCOME_retry;
    if (result->status < 300 || result->status == 400 || result->status == 404)
        return OUTCOME_done;
    return outcome_of_status(result->status, result->retry_after_ms,
                             run->context->forbidden_in_a_row);
}

static void on_answered(const struct http_result *result, void *arg)
{
    struct run *run = arg;

    run->call = NULL;
    if (result->end == HTTP_CANCELLED) {
        run_drop(run, "shutdown");
        return;
    }
    if (run->asks_api)
        api_health_note(run->context, result);
    switch (outcome_of_question(run, result)) {
    case OUTCOME_done:
        on_answer(run, result);
        break;
    case OUTCOME_blocked:
        settle_hand_back(settle_run(run), "blocked", "VideoDB refuses the key or the account.");
        break;
    case OUTCOME_rate_limited:
        settle_rate_limited(settle_run(run), result->retry_after_ms);
        break;
    default:
        settle_unanswered(settle_run(run));
        break;
    }
}

/* The key goes to the configured host only, wherever an output_url points. */
static bool is_api(const struct context *context, const char *output_url)
{
    struct url api, other;

    return url_parse(slice_text(context->config->api_base_url), MAX_URL, &api, NULL) &&
           url_parse(slice_text(output_url), MAX_URL, &other, NULL) &&
           url_same_origin(&api, &other);
}

static void ask(struct run *run)
{
    const struct context *context = run->context;
    const char *output_url = record_text(run->record, RECORD_output_url);
    struct videodb_request request;
    struct buffer url = BUFFER(MAX_URL);

    run->question = question_choose(run->record, &run->task, context->config->unique_names);
    if (run->question == QUESTION_NONE) {
        settle_missing(settle_run(run));
        return;
    }
    videodb_request_init(&request);
    if (run->question == QUESTION_JOB) {
        buffer_add_text(&url, output_url);
    } else {
        question_request(&request, run->question, &run->task);
        buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    }
    run->asks_api = run->question != QUESTION_JOB || is_api(context, output_url);
    struct http_call_request http = {
        .method = "GET", .url = buffer_text(&url), .authorized = run->asks_api};
    send(run, &http, on_answered);
    videodb_request_clear(&request);
    buffer_clear(&url);
}

void run_start(struct context *context, struct record *record, int64_t lease_until_ms)
{
    struct run *run = xcalloc(1, sizeof(*run));
    struct error error;

    run->context = context;
    run->record = record;
    run->id = xstrdup(record->id);
    run->token = xstrdup(record_text(record, RECORD_token));
    run->lease_until_ms = lease_until_ms;
    TAILQ_INSERT_TAIL(&context->runs, run, entry);
    context->run_count++;
    if (!task_parse_request(&run->task, slice_text(record_text(record, RECORD_request)), &error)) {
        struct settle_reason reason = {error.text, "Submit it again as a new task."};
        settle_fail(settle_run(run), &reason);
        return;
    }
    free(run->task.id);
    run->task.id = xstrdup(run->id);
    if (context->draining || clock_monotonic_ms() >= lease_until_ms) {
        settle_hand_back(settle_run(run), "handed_back", NULL);
        return;
    }
    if (record_is(record, RECORD_purpose, "ask"))
        ask(run);
    else
        call(run);
}
