#include "worker/worker_metrics.h"

#include <math.h>

static const double call_bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,    0.5,
                                     1,     2.5,  5,     10,   30,  INFINITY};
static const double next_call_bounds[] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, INFINITY};
static const double task_bounds[] = {1,   2.5,  5,    10,   30,   60,    120,   300,
                                     600, 1200, 1800, 3600, 7200, 21600, 86400, INFINITY};
static const double redis_bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,    0.025,
                                      0.05,   0.1,     0.25,   0.5,   1,      5,     INFINITY};

static void set_up(struct context *context, struct metric *metric, struct metric definition)
{
    *metric = definition;
    metrics_register(&context->metrics, metric);
}

static void set_up_histogram(struct context *context, struct histogram *histogram,
                             const struct metric *definition, const double *bounds)
{
    histogram_init(histogram, definition, bounds);
    metrics_register(&context->metrics, &histogram->metric);
}

static void register_outcomes(struct context *context)
{
    static const char *const labels[OUTCOME_COUNT] = {
#define X(name) [OUTCOME_##name] = "outcome=\"" #name "\"",
        OUTCOMES(X)
#undef X
    };

    for (int i = 0; i < OUTCOME_COUNT; i++)
        set_up(context, &context->outcomes[i],
               (struct metric){METRIC_COUNTER, "reelq_outcomes_total", labels[i],
                               "What answers meant for tasks.", 0, NULL});
    set_up(context, &context->ready,
           (struct metric){METRIC_COUNTER, "reelq_tasks_ended_total", "result=\"ready\"",
                           "Submitted tasks that this worker brought to their end.", 0, NULL});
    set_up(context, &context->failed,
           (struct metric){METRIC_COUNTER, "reelq_tasks_ended_total", "result=\"failed\"",
                           "Submitted tasks that this worker brought to their end.", 0, NULL});
    set_up_histogram(context, &context->task_seconds,
                     &(struct metric){.name = "reelq_task_duration_seconds",
                                      .help = "From the time when a worker first took a submitted"
                                              " task to ready."},
                     task_bounds);
    set_up(context, &context->recovered,
           (struct metric){METRIC_COUNTER, "reelq_recovered_total", "",
                           "Runs whose worker was lost.", 0, NULL});
}

static void register_api(struct context *context)
{
    static const char *const labels[API_KINDS] = {[API_UPLOAD] = "kind=\"upload\"",
                                                  [API_INDEX] = "kind=\"index\"",
                                                  [API_QUESTION] = "kind=\"question\"",
                                                  [API_DUPLICATE] = "kind=\"duplicate\""};

    set_up(context, &context->calls,
           (struct metric){METRIC_COUNTER, "reelq_api_requests_total", "",
                           "Requests to VideoDB, calls and questions.", 0, NULL});
    for (int i = 0; i < API_KINDS; i++)
        set_up_histogram(context, &context->api_seconds[i],
                         &(struct metric){.name = "reelq_api_request_duration_seconds",
                                          .labels = labels[i],
                                          .help = "Of requests to VideoDB that were sent, from"
                                                  " their turn for a connection to their end."},
                         call_bounds);
    set_up_histogram(context, &context->next_call_seconds,
                     &(struct metric){.name = "reelq_callback_to_call_seconds",
                                      .help = "From the receipt of the callback that an upload"
                                              " is done to the call of its first index; of an"
                                              " index that was queued, from then."},
                     next_call_bounds);
    set_up(context, &context->breaker_open,
           (struct metric){METRIC_GAUGE, "reelq_breaker_open", "",
                           "1 when VideoDB is failing or refusing, and only probed.", 0, NULL});
    set_up(context, &context->breaker_opened,
           (struct metric){METRIC_COUNTER, "reelq_breaker_opened_total", "",
                           "How often it came to that.", 0, NULL});
}

static void register_redis(struct context *context)
{
    set_up(context, &context->redis_up,
           (struct metric){METRIC_GAUGE, "reelq_redis_up", "", "1 when Redis is there.", 0, NULL});
    set_up(context, &context->redis_reconnects,
           (struct metric){METRIC_COUNTER, "reelq_redis_reconnects_total", "",
                           "How often the connection for commands was lost and came back.", 0,
                           NULL});
    set_up_histogram(context, &context->redis_seconds,
                     &(struct metric){.name = "reelq_redis_round_trip_seconds",
                                      .help = "From a command or script to its reply."},
                     redis_bounds);
}

void worker_metrics_register(struct context *context)
{
    metrics_init(&context->metrics);
    set_up(context, &context->build,
           (struct metric){METRIC_GAUGE, "reelq_build_info",
                           "version=\"" REELQ_VERSION "\",program=\"worker\"",
                           "The running version.", 1, NULL});
    register_outcomes(context);
    register_api(context);
    register_redis(context);
    set_up(context, &context->callbacks,
           (struct metric){METRIC_COUNTER, "reelq_callbacks_taken_total", "",
                           "Callbacks taken from the list.", 0, NULL});
    set_up(context, &context->in_hand,
           (struct metric){METRIC_GAUGE, "reelq_worker_runs", "", "Tasks in this worker's hands.",
                           0, NULL});
    set_up(context, &context->slots,
           (struct metric){METRIC_GAUGE, "reelq_worker_slots", "", "REELQ_CONCURRENCY.",
                           (double)context->config->concurrency, NULL});
}
