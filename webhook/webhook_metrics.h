/* webhook_metrics - the metrics of the webhook: names, labels, help. */
#ifndef REELQ_WEBHOOK_METRICS_H
#define REELQ_WEBHOOK_METRICS_H

#include "base/metrics.h"

struct webhook_metrics {
    struct metrics all; /* in the order in which they are shown */
    struct metric build, redis_up, reconnects, in_flight, connections, answers, replayed,
        spool_records, spool_bytes;
    struct histogram round_trip;
};

/* Sets up and registers all of them. They keep pointers to `metrics`: it must not move. */
void webhook_metrics_init(struct webhook_metrics *metrics);

#endif
