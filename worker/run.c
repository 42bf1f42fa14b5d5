/* run_start -> call -> on_called -> settle_* -> on_done; or run_ask, in run_ask.c */
#include "worker/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "worker/api_health.h"
#include "worker/callback.h"
#include "worker/callback_url.h"
#include "worker/run_op.h"

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
    videodb_walk_clear(&run->walk);
    free(run->id);
    free(run->token);
    free(run->success);
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
    if (result == TRANSITION_STALE && run->success != NULL) {
        struct callback_news news = {run->id, run->number, slice_text(run->success)};
        callback_put(run->context, &news);
    }
    finish(run);
}

struct settle *run_settle(struct run *run)
{
    struct record *record = run->record;
    run->record = NULL;
    struct settle *settle = settle_new(run->context, record, on_done, run);
    settle_claimed(settle, slice_text(run->token), 0);
    return settle;
}

void run_keep_success(struct run *run, const struct videodb_answer *answer, struct slice body)
{
    if (answer->says == VIDEODB_SUCCESS && run->task.kind == TASK_UPLOAD)
        run->success = slice_copy(body);
}

static void give_back(struct run *run)
{
    http_client_cancel(run->call);
    run->call = NULL;
    settle_hand_back(run_settle(run));
}

static bool waits(const struct run *run)
{
    return run->call != NULL && http_client_waits(run->call);
}

void run_give_back(struct context *context)
{
    struct run *run;

    TAILQ_FOREACH(run, &context->runs, entry)
    {
        if (waits(run))
            give_back(run);
    }
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
        settle_hand_back(run_settle(run));
    else
        settle_unknown(run_settle(run), "The worker was stopped during the call.");
}

/* --- the call --- */

static void settle_reply(struct settle *settle, const struct videodb_answer *answer)
{
    switch (answer->says) {
    case VIDEODB_PROCESSING:
        settle_accepted(settle, answer);
        break;
    case VIDEODB_SUCCESS:
        settle_success(settle, answer, SETTLE_KNOWN);
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
    struct settle *settle = run_settle(run);

    switch (
        outcome_of_status(result->status, result->retry_after_ms, context->forbidden_in_a_row)) {
    case OUTCOME_blocked:
        settle_blocked(settle, text);
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
    run_keep_success(run, &answer, result->body);
    if (result->status >= 200 && result->status < 300)
        settle_reply(run_settle(run), &answer);
    else
        settle_status(run, result, &answer);
    videodb_answer_clear(&answer);
}

void run_note_health(struct run *run, enum breaker_kind kind, const struct http_result *result)
{
    struct context *context = run->context;
    bool limited =
        result->end == HTTP_REPLIED &&
        outcome_of_status(result->status, result->retry_after_ms, 0) == OUTCOME_rate_limited;

    api_health_note(context, kind, run->id, result);
    if (limited || context->breaker.state != BREAKER_CLOSED)
        run_give_back(context);
}

/* A call that was too late says nothing of the API, and was none: this worker was slow. */
static void on_called(const struct http_result *result, void *arg)
{
    struct run *run = arg;

    run->call = NULL;
    if (result->end == HTTP_CANCELLED) {
        run_drop(run, "shutdown");
        return;
    }
    if (result->end == HTTP_TOO_LATE) {
        settle_hand_back(run_settle(run));
        return;
    }
    run_note_health(run, BREAKER_CALL, result);
    if (result->end == HTTP_REPLIED)
        on_replied(run, result);
    else if (result->end == HTTP_NOT_SENT)
        settle_postpone(run_settle(run), result->error);
    else
        settle_unknown(run_settle(run), result->error);
}

void run_send(struct run *run, const struct http_call_request *request, http_done_fn done)
{
    run->context->calls.value++;
    run->call = http_client_send(run->context->client, request, done, run);
}

static void call(struct run *run)
{
    struct context *context = run->context;
    struct videodb_request request;
    struct buffer callback = BUFFER(RUN_MAX_URL), url = BUFFER(RUN_MAX_URL);
    bool upload = run->task.kind == TASK_UPLOAD;

    videodb_request_init(&request);
    if (context->config->public_url[0] != '\0')
        callback_url_add(&callback, context, run->record);
    videodb_call(&request, &run->task, run->id, buffer_text(&callback));
    buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    struct http_call_request http = {request.method,
                                     buffer_text(&url),
                                     buffer_slice(&request.body),
                                     true,
                                     run->lease_until_ms,
                                     &context->api_seconds[upload ? API_UPLOAD : API_INDEX]};
    if (run->told_at_ms > 0)
        histogram_observe(&context->next_call_seconds,
                          (double)(clock_wall_ms() - run->told_at_ms) / 1000);
    log_debug("call", "id=%s path=%s", run->id, buffer_text(&request.path));
    run_send(run, &http, on_called);
    videodb_request_clear(&request);
    buffer_clear(&callback);
    buffer_clear(&url);
}

void run_start(struct context *context, struct record *record, struct run_times times)
{
    struct run *run = xcalloc(1, sizeof(*run));
    struct error error;

    run->context = context;
    run->record = record;
    run->id = xstrdup(record->id);
    run->token = xstrdup(record_text(record, RECORD_token));
    run->lease_until_ms = times.lease_until_ms;
    run->told_at_ms = times.told_at_ms;
    run->number = record_int(record, RECORD_calls);
    TAILQ_INSERT_TAIL(&context->runs, run, entry);
    context->run_count++;
    if (!task_parse_request(&run->task, slice_text(record_text(record, RECORD_request)), &error)) {
        struct settle_reason reason = {error.text, "Submit it again as a new task."};
        settle_fail(run_settle(run), &reason);
        return;
    }
    free(run->task.id);
    run->task.id = xstrdup(run->id);
    if (context->draining || clock_monotonic_ms() >= times.lease_until_ms) {
        settle_hand_back(run_settle(run));
        return;
    }
    if (record_is(record, RECORD_purpose, "ask"))
        run_ask(run);
    else
        call(run);
}
