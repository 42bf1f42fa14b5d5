/* Moves that cost the task no attempt: the API is failing, is too busy, or refuses the account. */
#include <stdlib.h>

#include "base/clock.h"
#include "queue/presence.h"
#include "worker/fragment.h"
#include "worker/retry.h"
#include "worker/settle_op.h"

/* The attempt was not used: its number will be used again. Questions use none. */
static void refund(const struct settle *settle, struct transition_move *move)
{
    if (record_is(settle->record, RECORD_purpose, "ask"))
        return;
    transition_field_int(&move->fields, "attempt", record_int(settle->record, RECORD_attempt) - 1);
}

/* Not as the next probe again: that shall be another task. */
static void put_off(struct settle *settle, const char *event, const char *error)
{
    const struct context *context = settle->context;
    struct transition_move move = {.target = "delayed", .event = event};
    char *detail = fragment_attempt(settle->record, error);

    move.delay_ms = 2 * context->breaker.pause_ms + context->config->retry_base_ms;
    move.detail = detail;
    transition_field(&move.fields, "purpose", "call");
    refund(settle, &move);
    settle_move(settle, &move);
    free(detail);
}

void settle_postpone(struct settle *settle, const char *error)
{
    settle->outcome = OUTCOME_retry;
    put_off(settle, "postponed", error);
}

void settle_blocked(struct settle *settle, const char *error)
{
    settle->outcome = OUTCOME_blocked;
    if (record_is(settle->record, RECORD_purpose, "ask"))
        settle_unasked(settle);
    else
        put_off(settle, "blocked", error);
}

bool settle_excused(struct settle *settle)
{
    bool failing = settle->context->breaker.state != BREAKER_CLOSED;

    settle->doubted = !failing && record_is(settle->record, RECORD_failing, "");
    return failing || settle->doubted;
}

void settle_failing(struct settle *settle, const struct settle_reason *reason)
{
    bool last = record_int(settle->record, RECORD_attempt) >=
                record_int(settle->record, RECORD_max_attempts);
    bool failing = settle->context->breaker.state != BREAKER_CLOSED;

    if (failing || (last && settle_excused(settle)))
        settle_postpone(settle, reason->error);
    else
        settle_retry(settle, reason);
}

/* Calls that were under way together are limited together: that counts once. Without a word from
 * the API on how long, each pause is twice the one before. */
static int64_t limited_pause_ms(struct context *context, int64_t retry_after_ms)
{
    const struct config *config = context->config;
    int64_t now = clock_monotonic_ms(), least = config->retry_base_ms;

    if (now >= context->limited_until_ms)
        context->limited_in_a_row++;
    if (retry_after_ms < 0)
        least = retry_delay_ms(config->retry_base_ms, config->retry_cap_ms,
                               context->limited_in_a_row, clock_random_unit());
    int64_t pause = retry_limited_ms(retry_after_ms, least, clock_random_unit());
    context->limited_until_ms = now + pause;
    return pause;
}

void settle_rate_limited(struct settle *settle, int64_t retry_after_ms)
{
    struct context *context = settle->context;
    int64_t delay = limited_pause_ms(context, retry_after_ms);
    bool question = record_is(settle->record, RECORD_purpose, "ask");
    struct transition_move move = {
        .target = question ? "awaiting" : "delayed", .event = "rate_limited", .delay_ms = delay};

    settle->outcome = OUTCOME_rate_limited;
    presence_pause(&context->queue, delay);
    refund(settle, &move);
    settle_move(settle, &move);
}

void settle_hand_back(struct settle *settle)
{
    bool question = record_is(settle->record, RECORD_purpose, "ask");
    struct transition_move move = {
        .target = "queued", .mark = question ? "?" : "@", .event = "handed_back"};

    refund(settle, &move);
    settle_move(settle, &move);
}
