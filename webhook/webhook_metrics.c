#include "webhook/webhook_metrics.h"

#include <math.h>
#include <stddef.h>

static const double redis_bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,    0.025,
                                      0.05,   0.1,     0.25,   0.5,   1,      2,     INFINITY};

void webhook_metrics_init(struct webhook_metrics *metrics)
{
    const struct {
        struct metric *metric;
        enum metric_kind kind;
        const char *name, *help;
    } table[] = {
        {&metrics->build, METRIC_GAUGE, "reelq_build_info", "The running version."},
        {&metrics->redis_up, METRIC_GAUGE, "reelq_redis_up",
         "1 while the connection to Redis works."},
        {&metrics->reconnects, METRIC_COUNTER, "reelq_redis_reconnects_total",
         "How often the connection was lost and came back."},
        {&metrics->in_flight, METRIC_GAUGE, "reelq_callbacks_in_flight",
         "Callbacks that are not answered yet."},
        {&metrics->connections, METRIC_GAUGE, "reelq_http_connections",
         "Open connections of the public listener."},
        {&metrics->answers, METRIC_COUNTER, "reelq_http_requests_total",
         "Requests answered by the public listener."},
        {&metrics->replayed, METRIC_COUNTER, "reelq_spool_replayed_total",
         "Callbacks brought from the spool to Redis."},
        {&metrics->spool_records, METRIC_GAUGE, "reelq_spool_records",
         "Callbacks that wait in the spool."},
        {&metrics->spool_bytes, METRIC_GAUGE, "reelq_spool_bytes",
         "Size of the spool on the disk."},
    };

    metrics_init(&metrics->all);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        *table[i].metric = (struct metric){
            .kind = table[i].kind, .name = table[i].name, .labels = "", .help = table[i].help};
        metrics_register(&metrics->all, table[i].metric);
    }
    metrics->build.labels = "version=\"" REELQ_VERSION "\",program=\"webhook\"";
    metrics->build.value = 1;
    histogram_init(&metrics->round_trip,
                   &(struct metric){.name = "reelq_redis_round_trip_seconds",
                                    .help = "From a command to its reply."},
                   redis_bounds);
    metrics_register(&metrics->all, &metrics->round_trip.metric);
}
