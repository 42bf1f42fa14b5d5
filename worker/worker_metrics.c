#include "worker/worker_metrics.h"

static void set_up(struct context *context, struct metric *metric, struct metric definition)
{
    *metric = definition;
    metrics_register(&context->metrics, metric);
}

void worker_metrics_register(struct context *context)
{
    static const char *const labels[OUTCOME_COUNT] = {
#define X(name) [OUTCOME_##name] = "outcome=\"" #name "\"",
        OUTCOMES(X)
#undef X
    };

    metrics_init(&context->metrics);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        set_up(context, &context->outcomes[i],
               (struct metric){METRIC_COUNTER, "reelq_outcomes_total", labels[i],
                               "What answers meant for tasks.", 0, NULL});
    set_up(context, &context->calls,
           (struct metric){METRIC_COUNTER, "reelq_api_requests_total", "",
                           "Requests to VideoDB, calls and questions.", 0, NULL});
    set_up(context, &context->callbacks,
           (struct metric){METRIC_COUNTER, "reelq_callbacks_taken_total", "",
                           "Callbacks taken from the list.", 0, NULL});
    set_up(context, &context->recovered,
           (struct metric){METRIC_COUNTER, "reelq_recovered_total", "",
                           "Runs whose worker was lost.", 0, NULL});
    set_up(context, &context->redis_up,
           (struct metric){METRIC_GAUGE, "reelq_redis_up", "", "1 when Redis is there.", 0, NULL});
    set_up(context, &context->breaker_open,
           (struct metric){METRIC_GAUGE, "reelq_breaker_open", "",
                           "1 when VideoDB is failing or refusing, and only probed.", 0, NULL});
}
