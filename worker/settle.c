/* settle_new -> one decision -> transition -> settle_on_applied -> fn
 *   settle_on_applied: batches changed -> the same once more; video is another's -> look_past
 */
#include "worker/settle_op.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/units.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "worker/hint.h"
#include "worker/fragment.h"
#include "worker/retry.h"

enum { MAX_CRASHES = 3, MAX_SKIP = 4096 };

struct settle *settle_new(struct context *context, struct record *record, settle_fn fn, void *arg)
{
    struct settle *settle = xcalloc(1, sizeof(*settle));
    settle->context = context;
    settle->record = record;
    settle->fn = fn;
    settle->arg = arg;
    settle->outcome = OUTCOME_COUNT;
    return settle;
}

void settle_lapsed(struct settle *settle)
{
    settle->lapsed = true;
}

void settle_claimed(struct settle *settle, struct slice seq, int64_t told_at_ms)
{
    settle->seq = seq;
    settle->told_at_ms = told_at_ms;
}

static void settle_free(struct settle *settle)
{
    free(settle->failure);
    free(settle->index_state);
    free(settle->indexes);
    free(settle->media);
    free(settle->video_id);
    free(settle->collection_id);
    record_free(settle->record);
    free(settle);
}

/* Going on to wait is no news. */
static void tell(const struct settle *settle)
{
    const char *attempt = record_text(settle->record, RECORD_attempt);

    if (settle->outcome != OUTCOME_COUNT)
        settle->context->outcomes[settle->outcome].value++;
    if (settle->event != NULL)
        log_info("task", "id=%s event=%s attempt=%s", settle->record->id, settle->event, attempt);
    else
        log_debug("task", "id=%s state=awaiting attempt=%s", settle->record->id, attempt);
}

static void count_end(struct context *context, const struct transition_news *news)
{
    bool ready = strcmp(news->ended, "ready") == 0;

    (ready ? &context->ready : &context->failed)->value++;
    if (ready)
        histogram_observe(&context->task_seconds, (double)news->took_ms / 1000);
}

static void look_past(struct settle *settle);

void settle_on_applied(enum transition_result result, const struct transition_news *news, void *arg)
{
    struct settle *settle = arg;

    if (result == TRANSITION_CHANGED) {
        record_set(settle->record, RECORD_batch, news->batches);
        transition_finish(&settle->context->queue, settle->record, &settle->finish,
                          (struct transition_end){settle_on_applied, settle});
        return;
    }
    if (result == TRANSITION_CLAIMED && !settle->told) {
        look_past(settle);
        return;
    }
    if (result == TRANSITION_DONE)
        tell(settle);
    if (news->ended != NULL)
        count_end(settle->context, news);
    if (settle->fn != NULL)
        settle->fn(result, settle->arg);
    settle_free(settle);
}

/* --- moves --- */

/* A run that is recovered has lost its worker once more; a call that came to its end by itself
 * shows that the task is no danger to workers. */
static void count_crashes(const struct settle *settle, struct transition_move *move)
{
    const struct record *record = settle->record;
    bool call =
        record_is(record, RECORD_state, "running") && record_is(record, RECORD_purpose, "call");

    if (settle->lapsed)
        transition_field_int(&move->fields, "crashes", record_int(record, RECORD_crashes) + 1);
    else if (call)
        transition_clear(&move->fields, record, RECORD_crashes);
}

void settle_move(struct settle *settle, struct transition_move *move)
{
    move->lapsed = settle->lapsed;
    count_crashes(settle, move);
    transition_set(&move->fields, settle->record, RECORD_failing, settle->doubted ? "1" : "");
    settle->event = move->event;
    transition_move(&settle->context->queue, settle->record, move,
                    (struct transition_end){settle_on_applied, settle});
    if (strcmp(move->target, "queued") != 0)
        settle->context->on_due(settle->context, move->delay_ms);
}

static int64_t waited_ms(const struct settle *settle)
{
    int64_t since = record_int(settle->record, RECORD_since);
    return since > 0 ? settle->record->now_ms - since : 0;
}

/* A new wait: from now on, for the reason `why`. */
static void begin_wait(const struct settle *settle, struct transition_move *move, const char *why,
                       int64_t delay_ms)
{
    move->target = "awaiting";
    move->delay_ms = delay_ms;
    move->stamp = "since";
    transition_field(&move->fields, "why", why);
    transition_clear(&move->fields, settle->record, RECORD_asks);
}

/* A handle that is no URL is no handle: the lists are asked then. */
static bool can_be_asked(const char *output_url)
{
    struct url url;

    return output_url != NULL && url_parse(slice_text(output_url), ITEM_MAX_URL, &url, NULL);
}

void settle_accepted(struct settle *settle, const struct videodb_answer *answer)
{
    const struct config *config = settle->context->config;
    bool poll = config->public_url[0] == '\0';
    struct transition_move move = {.event = "accepted"};
    char *detail = fragment_attempt(settle->record, NULL);

    settle->outcome = OUTCOME_accepted;
    move.detail = detail;
    begin_wait(settle, &move, poll ? "poll" : "callback",
               poll ? config->poll_interval_ms : config->callback_timeout_ms);
    transition_set(&move.fields, settle->record, RECORD_output_url,
                   can_be_asked(answer->output_url) ? answer->output_url : NULL);
    transition_set(&move.fields, settle->record, RECORD_scene_index_id, answer->scene_index_id);
    settle_move(settle, &move);
    free(detail);
}

void settle_refused(struct settle *settle, const char *message, const char *action)
{
    const struct outcome_failure *row = outcome_of_message(slice_text(message));
    struct settle_reason reason = {message, row->action[0] != '\0' ? row->action : action};

    if (row->outcome == OUTCOME_done)
        settle_ask_existing(settle, message);
    else if (row->outcome == OUTCOME_retry)
        settle_retry(settle, &reason);
    else
        settle_fail(settle, &reason);
}

void settle_unknown(struct settle *settle, const char *error)
{
    const struct config *config = settle->context->config;
    struct transition_move move = {.event = "unknown"};
    char *detail = fragment_attempt(settle->record, error);

    settle->outcome = OUTCOME_unknown;
    move.detail = detail;
    begin_wait(settle, &move, "unknown",
               retry_ask_ms(config->poll_interval_ms, 0, clock_random_unit()));
    transition_clear(&move.fields, settle->record, RECORD_output_url);
    settle_move(settle, &move);
    free(detail);
}

/* Goes on waiting: the next question comes after a growing pause, and at the end of the grace.
 * `why` is the reason from here on, NULL to keep it; with one it is known that VideoDB works on it,
 * whatever a callback has said. */
static void wait_on(struct settle *settle, const char *why)
{
    bool disproved = why != NULL && hint_failure(settle->record) != NULL;
    const struct config *config = settle->context->config;
    int64_t waited = waited_ms(settle);
    int64_t delay = retry_ask_ms(config->poll_interval_ms, waited, clock_random_unit());
    int64_t grace_left = config->unknown_grace_ms - waited;
    struct transition_move move = {.target = "awaiting"};

    if (why == NULL && record_is(settle->record, RECORD_why, "unknown") && grace_left > 0 &&
        delay > grace_left)
        delay = grace_left;
    move.delay_ms = delay;
    transition_field_int(&move.fields, "asks", record_int(settle->record, RECORD_asks) + 1);
    if (why != NULL)
        transition_field(&move.fields, "why", why);
    if (disproved)
        transition_clear(&move.fields, settle->record, RECORD_hint);
    settle_move(settle, &move);
}

/* What a callback told about the call before says nothing of the next one. */
static void forget_claims(const struct settle *settle, struct transition_fields *fields)
{
    transition_clear(fields, settle->record, RECORD_hint);
    transition_clear(fields, settle->record, RECORD_hints);
}

static void call_later(struct settle *settle, const char *error, int64_t delay_ms)
{
    struct transition_move move = {.target = "delayed", .event = "retry", .delay_ms = delay_ms};
    char *detail = fragment_attempt(settle->record, error);

    move.detail = detail;
    transition_field(&move.fields, "purpose", "call");
    transition_clear(&move.fields, settle->record, RECORD_why);
    transition_clear(&move.fields, settle->record, RECORD_output_url);
    transition_clear(&move.fields, settle->record, RECORD_scene_index_id);
    transition_clear(&move.fields, settle->record, RECORD_skip);
    forget_claims(settle, &move.fields);
    settle_move(settle, &move);
    free(detail);
}

void settle_retry(struct settle *settle, const struct settle_reason *reason)
{
    const struct config *config = settle->context->config;
    int64_t attempt = record_int(settle->record, RECORD_attempt);

    settle->outcome = OUTCOME_retry;
    if (attempt >= record_int(settle->record, RECORD_max_attempts))
        settle_fail(settle, reason);
    else
        call_later(settle, reason->error,
                   retry_delay_ms(config->retry_base_ms, config->retry_cap_ms, attempt,
                                  clock_random_unit()));
}

static bool is_overdue(const struct settle *settle)
{
    return waited_ms(settle) >= settle->context->config->job_timeout_ms;
}

static void fail_overdue(struct settle *settle, const char *what)
{
    struct buffer text = BUFFER(200);

    buffer_add_format(&text, "%s after ", what);
    units_add_duration(&text, settle->context->config->job_timeout_ms);
    buffer_add_text(&text, " (REELQ_JOB_TIMEOUT).");
    struct settle_reason reason = {buffer_text(&text), "Look at the video in VideoDB's console."};
    settle_fail(settle, &reason);
    buffer_clear(&text);
}

/* That it is being worked on proves that the call was accepted. */
void settle_processing(struct settle *settle)
{
    bool poll = settle->context->config->public_url[0] == '\0';

    if (is_overdue(settle))
        fail_overdue(settle, "VideoDB is still processing");
    else
        wait_on(settle, poll ? "poll" : "callback");
}

/* The callback that would settle it may lie unread: Redis was away, and webhooks have kept it, or
 * nobody has worked for a while. */
static bool callbacks_are_behind(const struct settle *settle)
{
    const struct context *context = settle->context;
    return clock_monotonic_ms() - context->callbacks_behind_ms < context->queue.lease_ms;
}

void settle_missing(struct settle *settle)
{
    const struct config *config = settle->context->config;
    struct settle_reason reason = {
        "The call's outcome stayed unknown: VideoDB knows nothing of it.",
        "Look for the video in VideoDB before running it again."};

    if (!record_is(settle->record, RECORD_why, "unknown"))
        settle_unanswered(settle);
    else if (waited_ms(settle) < config->unknown_grace_ms || callbacks_are_behind(settle))
        wait_on(settle, NULL);
    else if (record_int(settle->record, RECORD_attempt) >=
             record_int(settle->record, RECORD_max_attempts))
        settle_fail(settle, &reason);
    else
        call_later(settle, "VideoDB knows nothing of the call.", 0);
}

/* What was found by its name is another task's: it is asked once more, for what else has that name.
 */
static void look_past(struct settle *settle)
{
    const char *skip = record_text(settle->record, RECORD_skip);
    struct transition_move move = {.target = "queued", .mark = "?"};
    struct buffer more = BUFFER(MAX_SKIP);

    settle->finish = (struct transition_finish){0};
    settle->outcome = OUTCOME_COUNT;
    buffer_add_format(&more, "%s%s%s", skip, skip[0] != '\0' ? " " : "", settle->video_id);
    if (more.failed) {
        settle_missing(settle);
    } else {
        transition_field(&move.fields, "skip", buffer_text(&more));
        transition_clear(&move.fields, settle->record, RECORD_hint);
        settle_move(settle, &move);
    }
    buffer_clear(&more);
}

/* Not knowing is no reason to call again, however long it lasts. */
void settle_unanswered(struct settle *settle)
{
    if (is_overdue(settle))
        fail_overdue(settle, "VideoDB has not said how the job ended");
    else
        wait_on(settle, NULL);
}

void settle_unasked(struct settle *settle)
{
    if (is_overdue(settle) && !settle_excused(settle))
        settle_unanswered(settle);
    else
        wait_on(settle, NULL);
}

void settle_recovered(struct settle *settle)
{
    struct settle_reason reason = {"Crash loop: the task lost its worker three times.",
                                   "Look at the workers' logs, then run it again."};

    settle->context->recovered.value++;
    if (record_int(settle->record, RECORD_crashes) + 1 >= MAX_CRASHES)
        settle_fail(settle, &reason);
    else if (record_is(settle->record, RECORD_purpose, "ask"))
        wait_on(settle, NULL);
    else
        settle_unknown(settle, "The worker was lost during the call.");
}
