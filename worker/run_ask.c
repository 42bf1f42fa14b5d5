/* run_ask -> on_answered -> settle_*, or: by other means, the next page -> run_ask */
#include <stdlib.h>

#include "base/log.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "worker/hint.h"
#include "worker/run_op.h"

static struct question question_of(struct run *run)
{
    return (struct question){run->question, {run->record, &run->task}, &run->walk};
}

/* VideoDB contradicts nothing: then a failure is what the callback has said, if it has; but what
 * may have been accepted, and is not listed yet, is waited for. */
static void settle_silence(struct run *run, void (*otherwise)(struct settle *settle))
{
    const char *said = hint_failure(run->record);
    char *message = said != NULL ? xstrdup(said) : NULL;
    bool may_come = record_is(run->record, RECORD_why, "unknown");
    struct settle *settle = run_settle(run);

    if (message != NULL && !may_come)
        settle_refused(settle, message, "");
    else
        otherwise(settle);
    free(message);
}

static void settle_word(struct run *run, const struct videodb_answer *answer)
{
    struct question question = question_of(run);
    bool by_name = question_by_name(&question), chosen = question_by_chosen_name(&question);
    struct settle *settle = run_settle(run);

    switch (answer->says) {
    case VIDEODB_SUCCESS:
        settle_success(settle, answer, by_name ? SETTLE_FOUND : SETTLE_KNOWN);
        break;
    case VIDEODB_FAILURE:
        settle_refused(settle, answer->message, "");
        break;
    default:
        if (chosen)
            settle_unanswered(settle); /* whether it is ours is known when it is done */
        else
            settle_processing(settle);
        break;
    }
}

static void settle_answer(struct run *run, const struct videodb_answer *answer)
{
    if (answer->says == VIDEODB_MISSING)
        settle_silence(run, settle_missing);
    else if (answer->says == VIDEODB_UNREADABLE)
        settle_silence(run, settle_unanswered);
    else
        settle_word(run, answer);
}

/* For this time: the record keeps the hint, and the URL. */
static void ask_otherwise(struct run *run)
{
    bool hint = run->question == QUESTION_HINT;

    if (hint)
        log_warn("hint-refuted", "id=%s video_id=%s", run->id,
                 log_quote_text(hint_medium(run->record)));
    record_set(run->record, hint ? RECORD_hint : RECORD_output_url, "");
    run_ask(run);
}

/* Does the question have to be put in another way, or once more? The documents of jobs expire, and
 * what other hosts say that cannot be read is no word of VideoDB's. */
static bool goes_on(const struct run *run, int status, const struct videodb_answer *answer)
{
    bool silent = !run->asks_api && answer->says == VIDEODB_UNREADABLE;

    if (run->question == QUESTION_MEDIA)
        return answer->says == VIDEODB_PROCESSING;
    if (run->question == QUESTION_HINT)
        return answer->says != VIDEODB_SUCCESS;
    return run->question == QUESTION_JOB && (silent || answer->says == VIDEODB_MISSING ||
                                             (status == 404 && answer->says != VIDEODB_SUCCESS));
}

/* What VideoDB says, also with a status that is no success: only words count as "not there". */
static void on_answer(struct run *run, const struct http_result *result)
{
    struct question question = question_of(run);
    struct videodb_answer answer = {.says = VIDEODB_UNREADABLE};

    question_read(&answer, &question, result->body);
    if (run->question == QUESTION_JOB)
        run_keep_success(run, &answer, result->body);
    if (!goes_on(run, result->status, &answer))
        settle_answer(run, &answer);
    else if (run->question == QUESTION_MEDIA)
        run_ask(run);
    else
        ask_otherwise(run);
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

/* A host that is down, or a document that is refused, says nothing of the API; nor does a reply
 * about a medium that a callback has named, which may be anybody's choice, but for what says that
 * no question is answered now. */
static bool is_of_the_question(const struct run *run, const struct http_result *result,
                               enum outcome outcome)
{
    bool replied = result->end == HTTP_REPLIED;
    bool account = result->status == 401 || result->status == 402;
    bool refused = replied && (account || result->status == 403);
    bool of_the_hint = replied && !account && outcome != OUTCOME_rate_limited;

    return !run->asks_api || (run->question == QUESTION_JOB && refused) ||
           (run->question == QUESTION_HINT && of_the_hint);
}

static void on_answered(const struct http_result *result, void *arg)
{
    struct run *run = arg;

    run->call = NULL;
    if (result->end == HTTP_CANCELLED) {
        run_drop(run, "shutdown");
        return;
    }
    enum outcome outcome = outcome_of_question(run, result);
    if (outcome != OUTCOME_done && is_of_the_question(run, result, outcome)) {
        ask_otherwise(run);
        return;
    }
    if (run->asks_api)
        run_note_health(run, BREAKER_QUESTION, result);
    switch (outcome) {
    case OUTCOME_done:
        on_answer(run, result);
        break;
    case OUTCOME_blocked:
        settle_blocked(run_settle(run), "VideoDB refuses the key or the account.");
        break;
    case OUTCOME_rate_limited:
        settle_rate_limited(run_settle(run), result->retry_after_ms);
        break;
    default:
        settle_unasked(run_settle(run));
        break;
    }
}

/* The key goes to the configured host only, wherever an output_url points; and to no URL with user
 * info, which the API has no use for. */
static bool is_api(const struct context *context, const char *output_url)
{
    struct url api, other;

    return url_parse(slice_text(context->config->api_base_url), RUN_MAX_URL, &api, NULL) &&
           url_parse(slice_text(output_url), RUN_MAX_URL, &other, NULL) &&
           other.origin.length > 0 && url_same_origin(&api, &other);
}

void run_ask(struct run *run)
{
    const struct context *context = run->context;
    const char *output_url = record_text(run->record, RECORD_output_url);
    struct videodb_request request;
    struct buffer url = BUFFER(RUN_MAX_URL);

    struct question_about about = {run->record, &run->task};

    run->question = question_choose(&about, context->config->unique_names);
    if (run->question == QUESTION_NONE) {
        settle_silence(run, settle_missing);
        return;
    }
    videodb_request_init(&request);
    if (run->question == QUESTION_JOB) {
        buffer_add_text(&url, output_url);
    } else {
        struct question question = question_of(run);
        question_request(&request, &question);
        buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    }
    run->asks_api = run->question != QUESTION_JOB || is_api(context, output_url);
    struct http_call_request http = {.method = "GET",
                                     .url = buffer_text(&url),
                                     .authorized = run->asks_api,
                                     .seconds = &run->context->api_seconds[API_QUESTION]};
    run_send(run, &http, on_answered);
    videodb_request_clear(&request);
    buffer_clear(&url);
}
