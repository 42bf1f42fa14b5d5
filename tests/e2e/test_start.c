/* How the programs begin, what they say about themselves, and how they bear Redis being away. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORKER       REELQ_BIN_DIR "/reelq-worker"
#define WEBHOOK      REELQ_BIN_DIR "/reelq-webhook"
#define KEY          "VIDEO_DB_API_KEY=sk-secret-key"

static struct pipeline pipeline;

static unsigned lines_of(const char *text)
{
    unsigned lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* --- configuration ---------------------------------------------------------------------------- */

static const struct {
    const char *program;
    const char *environment[2];
    const char *named; /* by the one line */
} faults[] = {
    {WORKER, {NULL}, "VIDEO_DB_API_KEY"},
    {WORKER, {KEY, "VIDEO_DB_BASE_URL=ftp://x"}, "VIDEO_DB_BASE_URL"},
    {WORKER, {KEY, "REELQ_REDIS_URL=http://x"}, "REELQ_REDIS_URL"},
    {WORKER, {KEY, "REELQ_PUBLIC_URL=foo"}, "REELQ_PUBLIC_URL"},
    {WORKER, {KEY, "REELQ_CONCURENCY=3"}, "did you mean REELQ_CONCURRENCY"},
    {WORKER, {KEY, "REELQ_CONCURRENCY=0"}, "REELQ_CONCURRENCY"},
    {WORKER, {KEY, "REELQ_LEASE=5 minutes"}, "REELQ_LEASE"},
    {WORKER, {KEY, "REELQ_DUPLICATES=keep"}, "REELQ_DUPLICATES"},
    {WORKER, {KEY, "REELQ_DEFAULT_INDEX=words"}, "REELQ_DEFAULT_INDEX"},
    {WORKER, {KEY, "REELQ_CALLBACK_SECRET=short"}, "REELQ_CALLBACK_SECRET"},
    {WORKER, {KEY, "REELQ_ADMIN_LISTEN=nowhere"}, "REELQ_ADMIN_LISTEN"},
    {WORKER, {KEY, "VIDEO_DB_API_KEY_FILE=/x"}, "VIDEO_DB_API_KEY_FILE"},
    {WORKER, {"VIDEO_DB_API_KEY_FILE=/does/not/exist"}, "/does/not/exist"},
    {WEBHOOK, {"REELQ_REDIS_URL=redis:"}, "REELQ_REDIS_URL"},
    {WEBHOOK, {"REELQ_LISTEN=:"}, "REELQ_LISTEN"},
    {WEBHOOK, {"REELQ_MAX_BODY=2g"}, "REELQ_MAX_BODY"},
    {WEBHOOK, {"REELQ_LISTN=127.0.0.1:0"}, "did you mean REELQ_LISTEN"},
    {WEBHOOK, {"REELQ_TRUSTED_PROXIES=10.0.0.0/64"}, "REELQ_TRUSTED_PROXIES"},
    {WEBHOOK, {"REELQ_SPOOL_DIR=/does/not/exist", "REELQ_LOG_LEVEL=error"}, "REELQ_SPOOL_DIR"},
};

Test(start, a_mistake_is_one_line)
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct process *process;
        const char *const *words = LIST(faults[i].environment[0], faults[i].environment[1]);
        const char *what = faults[i].named;
        int status =
            process_run(&(struct process_options){faults[i].program, NULL, words}, &process);
        const char *log = process_log(process);
        cr_expect_eq(status, 1, "%s: exit %d", what, status);
        cr_expect_eq(lines_of(log), 1, "%s: %s", what, log);
        pipeline_has("line", log, what);
        cr_expect_null(strstr(log, "sk-secret"), "%s", log);
        process_free(process);
    }
}

static const struct {
    const char *program, *argument, *says;
} options[] = {
    {WORKER, "--help", "REELQ_CONCURRENCY"}, {WEBHOOK, "--help", "REELQ_LISTEN"},
    {WORKER, "--version", "reelq-worker "},  {WEBHOOK, "--version", "reelq-webhook "},
    {WORKER, "--check-config", "ok"},        {WEBHOOK, "--check-config", "ok"},
};

Test(start, options)
{
    for (size_t i = 0; i < COUNT(options); i++) {
        struct process *process;
        const char *const *arguments = LIST(options[i].argument);
        const char *const *worker = LIST(KEY);
        const char *const *webhook = LIST("REELQ_LISTEN=127.0.0.1:0");
        bool is_worker = strcmp(options[i].program, WORKER) == 0;
        int status = process_run(
            &(struct process_options){options[i].program, arguments, is_worker ? worker : webhook},
            &process);
        cr_expect_eq(status, 0, "%s: %d", options[i].argument, status);
        pipeline_has(options[i].argument, process_output(process), options[i].says);
        cr_expect_null(strstr(process_output(process), "sk-secret"));
        process_free(process);
    }
}

/* --- Redis is away ---------------------------------------------------------------------------- */

/* Of the first worker. */
static int admin(const char *address, const char *path)
{
    return raw_http_get(address, path, &pipeline.answer);
}

static const char *admin_address(void)
{
    return process_address(pipeline.workers[0], "admin");
}

static unsigned said(const char *text)
{
    const char *log = process_log(pipeline.workers[0]);
    unsigned count = 0;

    for (const char *at = strstr(log, text); at != NULL; at = strstr(at + 1, text))
        count++;
    return count;
}

Test(start, without_redis)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true,
                                                         .restarts = true,
                                                         .redis = LIST("--appendonly", "yes")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    redis_server_kill(pipeline.redis);
    (void)pipeline_worker(&pipeline);
    pipeline_await_log(&pipeline, "redis-away", 1);
    pipeline_has("log", process_log(pipeline.workers[0]), redis_server_path(pipeline.redis));
    const char *address = admin_address();
    cr_expect_eq(admin(address, "/livez"), 200);
    cr_expect_eq(admin(address, "/readyz"), 503);
    redis_server_restart(pipeline.redis);
    (void)pipeline_await(&pipeline, "ready", "t");
    cr_expect_eq(admin(address, "/readyz"), 200);
    cr_expect_eq(said("redis-away"), 1, "once: %s", process_log(pipeline.workers[0]));
    cr_expect_eq(said("redis-up"), 1, "once: %s", process_log(pipeline.workers[0]));
    pipeline_stop(&pipeline);
}

Test(start, redis_goes_and_comes)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.restarts = true,
                                                         .redis = LIST("--appendonly", "yes")});
    pipeline_await_log(&pipeline, "redis-up", 1);
    const char *address = admin_address();
    redis_server_kill(pipeline.redis);
    pipeline_await_log(&pipeline, "redis-lost", 1);
    cr_expect_eq(admin(address, "/readyz"), 503);
    redis_server_restart(pipeline.redis);
    pipeline_await_log(&pipeline, "redis-up", 2);
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "t");
    cr_expect_eq(admin(address, "/readyz"), 200);
    pipeline_stop(&pipeline);
}

/* SIGTERM is heard while Redis is away, before it ever was there and after. */
Test(start, ends_without_redis)
{
    for (int before = 0; before <= 1; before++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){.idle = true,
                                                  .restarts = true,
                                                  .worker = LIST("REELQ_DRAIN_TIMEOUT=200ms")});
        if (before == 0)
            redis_server_kill(pipeline.redis);
        (void)pipeline_worker(&pipeline);
        pipeline_await_log(&pipeline, before == 0 ? "redis-away" : "redis-up", 1);
        if (before == 1) {
            redis_server_kill(pipeline.redis);
            pipeline_await_log(&pipeline, "redis-lost", 1);
        }
        process_signal(pipeline.workers[0], SIGTERM);
        int status = process_wait(pipeline.workers[0]);
        cr_expect_eq(status, 0, "%d: %s", status, process_log(pipeline.workers[0]));
        redis_server_restart(pipeline.redis);
        pipeline_stop(&pipeline);
    }
}

/* --- what the worker says about itself -------------------------------------------------------- */

static const struct {
    const char *path;
    int status;
    const char *part;
} pages[] = {
    {"/livez", 200, ""},
    {"/readyz", 200, ""},
    {"/metrics", 200, "reelq_outcomes_total{outcome=\"accepted\"} 2"},
    {"/metrics", 200, "reelq_redis_up 1"},
    {"/metrics", 200, "reelq_breaker_open 0"},
    {"/metrics", 200, "reelq_api_requests_total 2"},
    {"/metrics", 200, "# TYPE reelq_callbacks_taken_total counter"},
    {"/webhooks/upload", 404, ""},
    {"/", 404, ""},
};

Test(start, admin_listener)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "t");
    const char *address = admin_address();
    for (size_t i = 0; i < COUNT(pages); i++) {
        int status = admin(address, pages[i].path);
        cr_expect_eq(status, pages[i].status, "%s: %d", pages[i].path, status);
        pipeline_has(pages[i].path, raw_http_body(&pipeline.answer), pages[i].part);
    }
    cr_expect_null(strstr(process_log(pipeline.workers[0]), "sk-e2e"), "the key is in the log");
    pipeline_stop(&pipeline);
}

/* The secret that nobody gave is agreed on in Redis, and the same for all. */
Test(start, the_secret_is_agreed_on)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    process_free(pipeline.webhook);
    char *redis = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(pipeline.redis));
    char *api = xasprintf("VIDEO_DB_BASE_URL=http://%s", pipeline.sandbox_address);
    const char *const *webhook = LIST(redis, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=off");
    pipeline.webhook = process_start(&(struct process_options){WEBHOOK, NULL, webhook});
    char *hook =
        xasprintf("REELQ_PUBLIC_URL=http://%s", process_address(pipeline.webhook, "public"));
    const char *const *worker = LIST(redis, api, hook, KEY, "REELQ_ADMIN_LISTEN=off");
    pipeline.workers[pipeline.worker_count++] =
        process_start(&(struct process_options){WORKER, NULL, worker});

    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "t");
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", NULL), 0, "callbacks came");
    free(redis);
    free(api);
    free(hook);
    pipeline_stop(&pipeline);
}
