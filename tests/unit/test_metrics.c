#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a series in the text; NaN when it is not there exactly once. */
static double value_of(const char *text, const char *series)
{
    char line[128];
    (void)snprintf(line, sizeof(line), "\n%s ", series);
    const char *at = strstr(text, line);
    if (at == NULL || strstr(at + 1, line) != NULL)
        return NAN;
    return strtod(at + strlen(line), NULL);
}

Test(metrics, writes_each_name_once_and_each_series)
{
    static struct metric metrics_of_test[] = {
        {METRIC_COUNTER, "reelq_calls_total", "outcome=\"accepted\"", "API calls.", 3, NULL},
        {METRIC_COUNTER, "reelq_calls_total", "outcome=\"retry\"", "API calls.", 0, NULL},
        {METRIC_GAUGE, "reelq_running", "", "Tasks that run.", 0, NULL},
        {METRIC_GAUGE, "reelq_age_seconds", NULL, "Age.", 1.25, NULL},
    };
    struct metrics metrics;
    struct buffer out = BUFFER(10000);

    metrics_init(&metrics);
    for (size_t i = 0; i < COUNT(metrics_of_test); i++)
        metrics_register(&metrics, &metrics_of_test[i]);
    metrics_of_test[2].value += 2;
    metrics_add_text(&out, &metrics);
    static const char wanted[] = "# HELP reelq_calls_total API calls.\n"
                                 "# TYPE reelq_calls_total counter\n"
                                 "reelq_calls_total{outcome=\"accepted\"} 3\n"
                                 "reelq_calls_total{outcome=\"retry\"} 0\n"
                                 "# HELP reelq_running Tasks that run.\n"
                                 "# TYPE reelq_running gauge\n"
                                 "reelq_running 2\n"
                                 "# HELP reelq_age_seconds Age.\n"
                                 "# TYPE reelq_age_seconds gauge\n"
                                 "reelq_age_seconds 1.25\n"
                                 "# HELP process_resident_memory_bytes ";
    cr_expect(slice_starts_with(buffer_slice(&out), wanted), "%s", buffer_text(&out));
    cr_expect_eq(buffer_text(&out)[out.length - 1], '\n');
    buffer_clear(&out);
}

Test(metrics, counts_in_buckets)
{
    static const double bounds[] = {0.005, 0.5, 60, INFINITY}, values[] = {-1, 0.5, 0.005, 60.5, 7};
    static const struct metric definitions[] = {
        {.name = "reelq_call_seconds", .labels = "kind=\"a\"", .help = "Calls."},
        {.name = "reelq_call_seconds", .labels = "", .help = "Calls."},
    };
    static struct histogram histograms[2];
    struct metrics metrics;
    struct buffer out = BUFFER(10000);

    metrics_init(&metrics);
    for (size_t i = 0; i < 2; i++) {
        histogram_init(&histograms[i], &definitions[i], bounds);
        metrics_register(&metrics, &histograms[i].metric);
    }
    for (size_t i = 0; i < COUNT(values); i++)
        histogram_observe(&histograms[0], values[i]);
    metrics_add_text(&out, &metrics);
    static const char wanted[] = "# HELP reelq_call_seconds Calls.\n"
                                 "# TYPE reelq_call_seconds histogram\n"
                                 "reelq_call_seconds_bucket{kind=\"a\",le=\"0.005\"} 2\n"
                                 "reelq_call_seconds_bucket{kind=\"a\",le=\"0.5\"} 3\n"
                                 "reelq_call_seconds_bucket{kind=\"a\",le=\"60\"} 4\n"
                                 "reelq_call_seconds_bucket{kind=\"a\",le=\"+Inf\"} 5\n"
                                 "reelq_call_seconds_sum{kind=\"a\"} 68.005\n"
                                 "reelq_call_seconds_count{kind=\"a\"} 5\n"
                                 "reelq_call_seconds_bucket{le=\"0.005\"} 0\n";
    cr_expect(slice_starts_with(buffer_slice(&out), wanted), "%s", buffer_text(&out));
    buffer_clear(&out);
}

Test(metrics, writes_every_kind_of_number)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {0.001, "0.001"},
        {1e6, "1000000"},
        {1234567890123, "1234567890123"},
        {9007199254740991, "9007199254740991"},
        {1e300, "1e+300"},
        {INFINITY, "+Inf"},
        {-INFINITY, "-Inf"},
        {NAN, "NaN"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct metric metric = {METRIC_GAUGE, "m", "", "h", cases[i].value, NULL};
        struct metrics metrics;
        struct buffer out = BUFFER(10000);
        char line[64];
        metrics_init(&metrics);
        metrics_register(&metrics, &metric);
        metrics_add_text(&out, &metrics);
        (void)snprintf(line, sizeof(line), "\nm %s\n", cases[i].text);
        cr_expect(strstr(buffer_text(&out), line) != NULL, "%s in %s", line, buffer_text(&out));
        buffer_clear(&out);
    }
}

Test(metrics, knows_its_process)
{
    struct metrics metrics;
    struct buffer before = BUFFER(10000), after = BUFFER(10000);

    metrics_init(&metrics);
    metrics_add_text(&before, &metrics);
    int fd = dup(STDERR_FILENO);
    metrics_add_text(&after, &metrics);
    close(fd);
    const char *text = buffer_text(&before);
    double now = (double)clock_wall_ms() / 1000;
    double start = value_of(text, "process_start_time_seconds");
    cr_expect(start <= now + 1 && start > now - 3600, "%f at %f", start, now);
    cr_expect(value_of(text, "process_resident_memory_bytes") > 100000);
    cr_expect(value_of(text, "process_cpu_seconds_total") >= 0);
    double fds = value_of(text, "process_open_fds");
    cr_expect(fds >= 3, "%f", fds);
    cr_expect_eq(value_of(buffer_text(&after), "process_open_fds"), fds + 1);
    cr_expect_eq(value_of(buffer_text(&after), "process_start_time_seconds"), start);
    cr_expect(strstr(text, "# TYPE process_cpu_seconds_total counter\n") != NULL);
    buffer_clear(&before);
    buffer_clear(&after);
}
