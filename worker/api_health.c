#include "worker/api_health.h"

#include "base/clock.h"

static void note_failure(struct context *context, const struct http_result *result)
{
    if (!breaker_failure(&context->breaker, clock_monotonic_ms()))
        return;
    log_error("api-down", "status=%d error=%s", result->status, log_quote_text(result->error));
}

static void note_blocked(struct context *context, const struct http_result *result)
{
    if (!breaker_block(&context->breaker, clock_monotonic_ms()))
        return;
    log_error("api-blocked", "status=%d action=%s", result->status,
              log_quote_text(outcome_action_of_status(result->status)));
}

static void note_success(struct context *context)
{
    if (breaker_success(&context->breaker))
        log_info("api-back", "breaker=closed");
}

void api_health_note(struct context *context, const struct http_result *result)
{
    bool replied = result->end == HTTP_REPLIED;
    bool forbidden = replied && result->status == 403;

    if (replied && result->status < 300)
        context->limited_in_a_row = 0;
    context->forbidden_in_a_row = forbidden ? context->forbidden_in_a_row + 1 : 0;
    if (!replied) {
        note_failure(context, result);
    } else if (result->status >= 300) {
        switch (outcome_of_status(result->status, result->retry_after_ms,
                                  context->forbidden_in_a_row)) {
        case OUTCOME_blocked:
            note_blocked(context, result);
            break;
        case OUTCOME_retry:
            if (!forbidden)
                note_failure(context, result);
            break;
        default:
            note_success(context);
            break;
        }
    } else {
        note_success(context);
    }
    context->breaker_open.value = context->breaker.state != BREAKER_CLOSED;
}
