#include "base/metrics.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

void metrics_init(struct metrics *metrics)
{
    metrics->first = NULL;
    metrics->last = &metrics->first;
}

void metrics_register(struct metrics *metrics, struct metric *metric)
{
    metric->next = NULL;
    *metrics->last = metric;
    metrics->last = &metric->next;
}

void histogram_init(struct histogram *histogram, const struct metric *definition,
                    const double *bounds)
{
    size_t count = 1;

    while (!isinf(bounds[count - 1]))
        count++;
    assert(count <= HISTOGRAM_MAX_BUCKETS);
    *histogram = (struct histogram){.metric = *definition, .bounds = bounds};
    histogram->metric.kind = METRIC_HISTOGRAM;
}

void histogram_observe(struct histogram *histogram, double value)
{
    size_t bucket = 0;

    if (value < 0)
        value = 0;
    while (value > histogram->bounds[bucket])
        bucket++;
    histogram->counts[bucket]++;
    histogram->metric.value += value;
}

/* --- what the system knows of this process ---------------------------------------------------- */

struct process_stat {
    double cpu_seconds, start_seconds, resident_bytes;
};

/* Reads /proc/self/stat; false where there is none. The second field is the name of the program in
 * parentheses and may hold anything, so the counting begins behind the last parenthesis. */
static bool read_stat(struct process_stat *stat)
{
    char text[1024];
    unsigned long long user, system, start_ticks;
    long resident_pages;

    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[length] = '\0';

    const char *fields = strrchr(text, ')');
    if (fields == NULL)
        return false;
    /* Fields 14, 15, 22 and 24 of proc(5). */
    /* NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers that fit these types */
    if (sscanf(fields + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu"
               " %*d %*d %*d %*d %*d %*d %llu %*u %ld",
               &user, &system, &start_ticks, &resident_pages) != 4)
        return false;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    double boot_seconds = (double)(clock_wall_ms() - clock_monotonic_ms()) / 1000;
    stat->cpu_seconds = (double)(user + system) / ticks;
    stat->start_seconds = boot_seconds + (double)start_ticks / ticks;
    stat->resident_bytes = (double)resident_pages * (double)sysconf(_SC_PAGESIZE);
    return true;
}

static double count_open_fds(void)
{
    double count = -1; // the one that reads the directory

    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        return 0;
    for (const struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    (void)closedir(directory);
    return count;
}

/* --- text ------------------------------------------------------------------------------------- */

static void add_value(struct buffer *out, double value)
{
    if (isnan(value))
        buffer_add_text(out, "NaN");
    else if (isinf(value))
        buffer_add_text(out, value > 0 ? "+Inf" : "-Inf");
    else if (value == floor(value) && fabs(value) < 0x1p53)
        buffer_add_format(out, "%.0f", value);
    else
        buffer_add_format(out, "%.15g", value);
}

static void add_head(struct buffer *out, const struct metric *metric)
{
    static const char *const types[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    buffer_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                      types[metric->kind]);
}

/* `suffix` of the name; `bound` is that of a bucket, NULL for no bucket. */
static void add_line(struct buffer *out, const struct metric *metric, const char *suffix,
                     const double *bound)
{
    bool labels = metric->labels != NULL && metric->labels[0] != '\0';

    buffer_add_format(out, "%s%s", metric->name, suffix);
    if (labels || bound != NULL)
        buffer_add_format(out, "{%s", labels ? metric->labels : "");
    if (bound != NULL) {
        buffer_add_format(out, "%sle=\"", labels ? "," : "");
        add_value(out, *bound);
        buffer_add_char(out, '"');
    }
    buffer_add_text(out, labels || bound != NULL ? "} " : " ");
}

static void add_number(struct buffer *out, double value)
{
    add_value(out, value);
    buffer_add_char(out, '\n');
}

static void add_histogram(struct buffer *out, const struct histogram *histogram)
{
    const struct metric *metric = &histogram->metric;
    uint64_t count = 0;
    size_t bucket = 0;

    do {
        count += histogram->counts[bucket];
        add_line(out, metric, "_bucket", &histogram->bounds[bucket]);
        add_number(out, (double)count);
    } while (!isinf(histogram->bounds[bucket++]));
    add_line(out, metric, "_sum", NULL);
    add_number(out, metric->value);
    add_line(out, metric, "_count", NULL);
    add_number(out, (double)count);
}

static void add_series(struct buffer *out, const struct metric *metric)
{
    if (metric->kind == METRIC_HISTOGRAM) {
        add_histogram(out, (const struct histogram *)metric);
        return;
    }
    add_line(out, metric, "", NULL);
    add_number(out, metric->value);
}

static void add_process(struct buffer *out)
{
    static double start_seconds; // settled once: a clock that is set must not look like a restart
    struct process_stat stat;

    if (!read_stat(&stat))
        return;
    if (start_seconds == 0)
        start_seconds = stat.start_seconds;
    const struct metric process[] = {
        {METRIC_GAUGE, "process_resident_memory_bytes", "", "Resident memory size in bytes.",
         stat.resident_bytes, NULL},
        {METRIC_COUNTER, "process_cpu_seconds_total", "", "User and system CPU time in seconds.",
         stat.cpu_seconds, NULL},
        {METRIC_GAUGE, "process_open_fds", "", "Number of open file descriptors.", count_open_fds(),
         NULL},
        {METRIC_GAUGE, "process_start_time_seconds", "", "Start time in seconds since the epoch.",
         start_seconds, NULL},
    };
    for (size_t i = 0; i < sizeof(process) / sizeof(process[0]); i++) {
        add_head(out, &process[i]);
        add_series(out, &process[i]);
    }
}

void metrics_add_text(struct buffer *out, const struct metrics *metrics)
{
    const char *previous = "";

    for (const struct metric *metric = metrics->first; metric != NULL; metric = metric->next) {
        if (strcmp(metric->name, previous) != 0)
            add_head(out, metric);
        add_series(out, metric);
        previous = metric->name;
    }
    add_process(out);
}
