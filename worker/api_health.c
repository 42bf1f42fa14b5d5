#include "worker/api_health.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"

static void note_failure(struct context *context, enum breaker_kind kind,
                         const struct http_result *result)
{
    if (!breaker_failure(&context->breaker, kind, clock_monotonic_ms()))
        return;
    context->breaker_opened.value++;
    if (result->status > 0)
        (void)error_set(&context->api_trouble, "VideoDB answers %d", result->status);
    else
        (void)error_set(&context->api_trouble, "VideoDB: %s", result->error);
    log_error("api-down", "status=%d error=%s", result->status, log_quote_text(result->error));
}

static void note_blocked(struct context *context, enum breaker_kind kind,
                         const struct http_result *result)
{
    if (!breaker_block(&context->breaker, kind, clock_monotonic_ms()))
        return;
    context->breaker_opened.value++;
    (void)error_set(&context->api_trouble, "VideoDB answers %d: %s", result->status,
                    outcome_action_of_status(result->status));
    log_error("api-blocked", "status=%d action=%s", result->status,
              log_quote_text(outcome_action_of_status(result->status)));
}

static void note_success(struct context *context, enum breaker_kind kind)
{
    if (!breaker_success(&context->breaker, kind))
        return;
    context->api_trouble.text[0] = '\0';
    log_info("api-back", "breaker=closed");
}

void api_health_clear(struct context *context)
{
    while (context->forbidden_in_a_row > 0)
        free(context->forbidden[--context->forbidden_in_a_row]);
}

/* One task that may not do what it wants says nothing of the others, however often it tries. */
static void count_forbidden(struct context *context, const char *id)
{
    for (unsigned i = 0; i < context->forbidden_in_a_row; i++)
        if (strcmp(context->forbidden[i], id) == 0)
            return;
    if (context->forbidden_in_a_row < OUTCOME_FORBIDDEN_IN_A_ROW)
        context->forbidden[context->forbidden_in_a_row++] = xstrdup(id);
}

void api_health_note(struct context *context, enum breaker_kind kind, const char *id,
                     const struct http_result *result)
{
    bool replied = result->end == HTTP_REPLIED;
    bool forbidden = replied && result->status == 403;

    if (replied && result->status < 300)
        context->limited_in_a_row = 0;
    if (forbidden)
        count_forbidden(context, id);
    else
        api_health_clear(context);
    if (!replied) {
        note_failure(context, kind, result);
    } else if (result->status >= 300) {
        switch (outcome_of_status(result->status, result->retry_after_ms,
                                  context->forbidden_in_a_row)) {
        case OUTCOME_blocked:
            note_blocked(context, kind, result);
            break;
        case OUTCOME_retry:
            if (!forbidden)
                note_failure(context, kind, result);
            break;
        default:
            note_success(context, kind);
            break;
        }
    } else {
        note_success(context, kind);
    }
    context->breaker_open.value = context->breaker.state != BREAKER_CLOSED;
}
