/* What the programs tell Prometheus. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"
#include "support/temp_dir.h"

enum { ZCARDS_A_LOOK = 6 };

static struct pipeline pipeline;

/* The admin listener of the first worker. */
static const char *admin;

static void start(const struct pipeline_options *options)
{
    pipeline_start(&pipeline, options);
    admin = process_address(pipeline.workers[0], "admin");
}

/* The text of /metrics there, valid until the next call. */
static const char *scrape(const char *address)
{
    cr_assert_eq(raw_http_get(address, "/metrics", &pipeline.answer), 200);
    return raw_http_body(&pipeline.answer);
}

/* The value of a series; fails the test when it is not there. */
static double value_in(const char *text, const char *series)
{
    char line[160];

    (void)snprintf(line, sizeof(line), "\n%s ", series);
    const char *at = strstr(text, line);
    cr_assert_not_null(at, "%s in %s", series, text);
    return strtod(at + strlen(line), NULL);
}

static double value_of(const char *series)
{
    return value_in(scrape(admin), series);
}

static bool is(double value, double wanted)
{
    return isnan(wanted) ? isnan(value) : value == wanted;
}

/* Scrapes until the series has the value. What it shows is up to a second old. */
static void await_value(const char *series, double wanted)
{
    int64_t end = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    double value = value_of(series);

    while (!is(value, wanted) && clock_monotonic_ms() < end)
        value = value_of(series);
    cr_expect(is(value, wanted), "%s is %f", series, value);
}

struct wanted {
    const char *series;
    double value;
};

static void expect_values(const char *text, const struct wanted *wanted)
{
    for (; wanted->series != NULL; wanted++) {
        double value = value_in(text, wanted->series);
        cr_expect(is(value, wanted->value), "%s is %f", wanted->series, value);
    }
}

static void expect_sum_of_one(const char *text, const char *name, double least, double most)
{
    char series[100];

    (void)snprintf(series, sizeof(series), "%s_count", name);
    cr_expect_eq(value_in(text, series), 1, "%s", name);
    (void)snprintf(series, sizeof(series), "%s_sum", name);
    double sum = value_in(text, series);
    cr_expect(sum >= least && sum < most, "%s is %f", series, sum);
}

Test(metrics, of_one_video)
{
    static const struct wanted wanted[] = {
        {"reelq_tasks_ended_total{result=\"ready\"}", 1},
        {"reelq_tasks_ended_total{result=\"failed\"}", 0},
        {"reelq_api_request_duration_seconds_count{kind=\"upload\"}", 1},
        {"reelq_api_request_duration_seconds_count{kind=\"index\"}", 1},
        {"reelq_api_request_duration_seconds_count{kind=\"question\"}", 0},
        {"reelq_outcomes_total{outcome=\"accepted\"}", 2},
        {"reelq_outcomes_total{outcome=\"done\"}", 2},
        {"reelq_callbacks_taken_total", 2},
        {"reelq_redis_reconnects_total", 0},
        {"reelq_worker_slots", 16},
        {NULL, 0}};

    start(&(struct pipeline_options){0});
    pipeline_submit(&pipeline, "{\"id\":\"a\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "a");
    await_value("reelq_tasks_ended_total{result=\"ready\"}", 1); /* its reply follows the message */
    const char *text = scrape(admin);
    expect_values(text, wanted);
    expect_sum_of_one(text, "reelq_task_duration_seconds", 0.001, 20);
    expect_sum_of_one(text, "reelq_callback_to_call_seconds", 0, 20);
    cr_expect(value_in(text, "reelq_api_request_duration_seconds_sum{kind=\"upload\"}") > 0);
    cr_expect(value_in(text, "reelq_redis_round_trip_seconds_count") > 10);
    text = scrape(process_address(pipeline.webhook, "admin"));
    cr_expect_eq(value_in(text, "reelq_callback_duration_seconds_count"), 2);
    cr_expect(value_in(text, "reelq_callback_duration_seconds_sum") > 0);
    cr_expect(value_in(text, "reelq_redis_round_trip_seconds_count") >= 2);
    pipeline_stop(&pipeline);
}

/* The second index of an upload goes through the queue; a mistake and a failure are ends, too. */
Test(metrics, of_queued_indexes_and_failures)
{
    start(&(struct pipeline_options){0});
    pipeline_submit(&pipeline, "{\"id\":\"a\",\"url\":\"https://e.com/a.mp4\","
                               "\"index\":[\"spoken_words\",\"scenes\"]}");
    (void)pipeline_await(&pipeline, "ready", "a");
    pipeline_submit(&pipeline, "{\"id\":\"b\",\"url\":7}");
    (void)pipeline_await(&pipeline, "failed", "b");
    await_value("reelq_tasks_ended_total{result=\"failed\"}", 1);
    await_value("reelq_tasks{state=\"dead\"}", 1);
    cr_expect_eq(value_of("reelq_callback_to_call_seconds_count"), 2);
    cr_expect_eq(value_of("reelq_tasks_ended_total{result=\"ready\"}"), 1);
    pipeline_stop(&pipeline);
}

static void push(const char *command)
{
    redisReply *reply = redis_server_command(pipeline.redis, command);
    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s", reply->str);
    freeReplyObject(reply);
}

/* During a pause what is pushed stays where it is, and grows old. */
Test(metrics, of_what_waits)
{
    static const struct wanted wanted[] = {
        {"reelq_queue_items{queue=\"tasks\"}", 2},
        {"reelq_queue_items{queue=\"callbacks\"}", 0},
        {"reelq_queue_oldest_age_seconds{queue=\"callbacks\"}", 0},
        {"reelq_pace_items_per_second", 20},
        {"reelq_overdue_seconds{state=\"awaiting\"}", 0},
        {NULL, 0}};

    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    push("SET reelq:pause 99999999999999");
    push("HSET reelq:pace interval 50 next 1 since 1 claimed 1");
    admin = process_address(pipeline_worker(&pipeline), "admin");
    await_value("reelq_pace_items_per_second", 20);
    pipeline_submit(&pipeline, "{\"id\":\"a\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    pipeline_submit(&pipeline, "{\"id\":\"b\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    await_value("reelq_queue_items{queue=\"tasks\"}", 2);
    cr_expect(value_of("reelq_pause_seconds") > 1000000);
    expect_values(scrape(admin), wanted);
    int64_t end = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    while (value_of("reelq_queue_oldest_age_seconds{queue=\"tasks\"}") <= 1 &&
           clock_monotonic_ms() < end) {
    }
    cr_expect(value_of("reelq_queue_oldest_age_seconds{queue=\"tasks\"}") > 1);
    push("DEL reelq:pause reelq:pace");
    (void)pipeline_worker(&pipeline); /* the first one believes in the pause that it was told */
    (void)pipeline_await(&pipeline, "ready", "a");
    (void)pipeline_await(&pipeline, "ready", "b");
    await_value("reelq_queue_oldest_age_seconds{queue=\"tasks\"}", 0);
    pipeline_stop(&pipeline);
}

/* Each failure in a row is an answer; the last one opens the breaker, and a probe closes it. */
Test(metrics, of_an_outage)
{
    start(&(struct pipeline_options){.worker = LIST("REELQ_BREAKER=2", "REELQ_CONCURRENCY=1")});
    pipeline_faults(&pipeline, "upload:500=x2");
    pipeline_submit(&pipeline, "{\"id\":\"a\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "a");
    await_value("reelq_tasks_ended_total{result=\"ready\"}", 1);
    cr_expect_eq(value_of("reelq_breaker_opened_total"), 1);
    cr_expect_eq(value_of("reelq_breaker_open"), 0);
    cr_expect_eq(value_of("reelq_api_request_duration_seconds_count{kind=\"upload\"}"), 3);
    cr_expect_eq(value_of("reelq_worker_slots"), 1);
    pipeline_stop(&pipeline);
}

/* A scrape is answered without Redis, and says what it does not know. */
Test(metrics, without_redis)
{
    start(&(struct pipeline_options){.restarts = true});
    await_value("reelq_queue_items{queue=\"tasks\"}", 0);
    redis_server_kill(pipeline.redis);
    await_value("reelq_redis_up", 0);
    await_value("reelq_queue_items{queue=\"tasks\"}", NAN);
    await_value("reelq_tasks{state=\"dead\"}", NAN);
    redis_server_restart(pipeline.redis);
    await_value("reelq_redis_up", 1);
    await_value("reelq_queue_items{queue=\"tasks\"}", 0);
    cr_expect_eq(value_of("reelq_redis_reconnects_total"), 1);
    pipeline_stop(&pipeline);
}

/* How often Redis was given the command. */
static long long calls_of(const char *command)
{
    char name[64];
    redisReply *reply = redis_server_command(pipeline.redis, "INFO commandstats");

    (void)snprintf(name, sizeof(name), "cmdstat_%s:calls=", command);
    const char *at = strstr(reply->str, name);
    long long calls = at != NULL ? strtoll(at + strlen(name), NULL, 10) : 0;
    freeReplyObject(reply);
    return calls;
}

/* One look a second, however often somebody asks. */
Test(metrics, costs_redis_little)
{
    start(&(struct pipeline_options){0});
    await_value("reelq_redis_up", 1);
    await_value("reelq_queue_items{queue=\"tasks\"}", 0);
    int64_t begin = clock_monotonic_ms();
    push("CONFIG RESETSTAT");
    for (int i = 0; i < 200; i++)
        (void)scrape(admin);
    long long looks = calls_of("zcard") / ZCARDS_A_LOOK;
    long long seconds = (clock_monotonic_ms() - begin) / 1000;
    cr_expect(looks <= seconds + 1, "%lld in %lld s", looks, seconds);
    pipeline_stop(&pipeline);
}

/* --- promtool --------------------------------------------------------------------------------- */

static void expect_clean(const char *address, const char *file)
{
    char command[300];

    temp_dir_write(file, slice_text(scrape(address)));
    (void)snprintf(command, sizeof(command), "promtool check metrics <%s 2>&1", file);
    struct process *tool;
    int status =
        process_run(&(struct process_options){"/bin/sh", LIST("-c", command), NULL}, &tool);
    cr_expect_eq(status, 0, "%s", process_output(tool));
    process_free(tool);
}

static bool has_promtool(void)
{
    struct process *which;
    int status = process_run(
        &(struct process_options){"/bin/sh", LIST("-c", "command -v promtool"), NULL}, &which);
    process_free(which);
    return status == 0;
}

Test(metrics, please_promtool)
{
    if (!has_promtool())
        cr_skip_test("no promtool: scripts/install-deps test");
    char *folder = temp_dir_make("metrics");
    char *file = xasprintf("%s/metrics", folder);

    start(&(struct pipeline_options){0});
    pipeline_submit(&pipeline, "{\"id\":\"a\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "a");
    expect_clean(admin, file);
    expect_clean(process_address(pipeline.webhook, "admin"), file);
    pipeline_stop(&pipeline);
    temp_dir_remove(folder);
    free(file);
}
