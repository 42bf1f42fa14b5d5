/* metrics - counters, gauges and histograms of one process, in the Prometheus text format 0.0.4.
 * A metric is registered once at start and then changed through its pointer. */
#ifndef REELQ_METRICS_H
#define REELQ_METRICS_H

#include <stdint.h>

#include "base/buffer.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* One time series; embed it or keep it static. Strings must outlive the registry. A histogram is
 * the first member of a struct histogram, and made by histogram_init(). */
struct metric {
    enum metric_kind kind;
    const char *name;   /* reelq_..., counters end in _total, base units */
    const char *labels; /* `outcome="accepted"` or "" */
    const char *help;
    double value;        /* of a histogram the sum */
    struct metric *next; /* owned by the registry */
};

enum { HISTOGRAM_MAX_BUCKETS = 24 };

struct histogram {
    struct metric metric;
    const double *bounds; /* the upper ones, ascending; the last is INFINITY */
    uint64_t counts[HISTOGRAM_MAX_BUCKETS];
};

struct metrics {
    struct metric *first;
    struct metric **last;
};

void metrics_init(struct metrics *metrics);

/* Adds `metric`; series of one name must be added one after the other. */
void metrics_register(struct metrics *metrics, struct metric *metric);

/* Of the strings in `definition`; at most HISTOGRAM_MAX_BUCKETS bounds, which must outlive it. To
 * be registered as `&histogram->metric`. */
void histogram_init(struct histogram *histogram, const struct metric *definition,
                    const double *bounds);

/* Counts one value, a negative one as 0. A few instructions: for the hot path. */
void histogram_observe(struct histogram *histogram, double value);

/* Appends all series, HELP and TYPE once per name, and process_resident_memory_bytes,
 * process_cpu_seconds_total, process_open_fds, process_start_time_seconds. */
void metrics_add_text(struct buffer *out, const struct metrics *metrics);

#endif
