/* metrics - counters and gauges of one process, in the Prometheus text format 0.0.4.
 * A metric is registered once at start and then changed through its pointer. */
#ifndef REELQ_METRICS_H
#define REELQ_METRICS_H

#include "base/buffer.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

/* One time series; embed it or keep it static. Strings must outlive the registry. */
struct metric {
    enum metric_kind kind;
    const char *name;   /* reelq_..., counters end in _total, base units */
    const char *labels; /* `outcome="accepted"` or "" */
    const char *help;
    double value;
    struct metric *next; /* owned by the registry */
};

struct metrics {
    struct metric *first;
    struct metric **last;
};

void metrics_init(struct metrics *metrics);

/* Adds `metric`; series of one name must be added one after the other. */
void metrics_register(struct metrics *metrics, struct metric *metric);

/* Appends all series, HELP and TYPE once per name, and process_resident_memory_bytes,
 * process_cpu_seconds_total, process_open_fds, process_start_time_seconds. */
void metrics_add_text(struct buffer *out, const struct metrics *metrics);

#endif
