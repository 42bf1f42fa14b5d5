/* start: Redis -> witness -> sandbox, webhook -> workers; stop: the other way round. */
#include "e2e/pipeline.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"
#include "support/homes.h"
#include "support/port.h"
#include "support/raw_http.h"

#define SECRET "REELQ_CALLBACK_SECRET=" PIPELINE_SECRET

enum { LOOK_AGAIN_MS = 5 };

/* Short, so that a test waits for nothing; those that would make a slow machine fail are long. */
static const char *const worker_defaults[] = {
    "VIDEO_DB_API_KEY=sk-e2e", "REELQ_ADMIN_LISTEN=127.0.0.1:0", "REELQ_RETRY_BASE=20ms",
    "REELQ_POLL_INTERVAL=50ms", "REELQ_CALLBACK_TIMEOUT=60s", "REELQ_UNKNOWN_GRACE=30s",
    "REELQ_JOB_TIMEOUT=60s", "REELQ_PROBE_INTERVAL=50ms", "REELQ_LEASE=5s",
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the secret belongs to its name */
    SECRET};

/* --- start ------------------------------------------------------------------------------------ */

static const char *user_of(const struct pipeline *pipeline, const char *user)
{
    return pipeline->options.users ? user : NULL;
}

static char *redis_url(const struct pipeline *pipeline, const char *user)
{
    const char *given = pipeline->options.redis_url;
    char *url =
        given != NULL ? xstrdup(given) : redis_users_url(pipeline->redis, user_of(pipeline, user));
    char *entry = xasprintf("REELQ_REDIS_URL=%s", url);

    free(url);
    return entry;
}

static bool same_name(const char *one, const char *other)
{
    size_t length = strcspn(one, "=");
    return strncmp(one, other, length + 1) == 0;
}

static bool is_given(const struct pipeline *pipeline, const char *entry)
{
    for (size_t i = 0; pipeline->options.worker != NULL && pipeline->options.worker[i] != NULL; i++)
        if (same_name(entry, pipeline->options.worker[i]))
            return true;
    return false;
}

struct process *pipeline_worker(struct pipeline *pipeline)
{
    const char *words[PROCESS_MAX_WORDS + 1];
    const char *const *more = pipeline->options.worker;
    char *redis = redis_url(pipeline, REDIS_USERS_WORKER);
    char *api = xasprintf("VIDEO_DB_BASE_URL=http://%s", pipeline->sandbox_address);
    char *hook = xasprintf("REELQ_PUBLIC_URL=http://%s", pipeline->webhook_address);
    size_t count = 0;

    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        words[count++] = more[i];
    for (size_t i = 0; i < sizeof(worker_defaults) / sizeof(worker_defaults[0]); i++)
        if (!is_given(pipeline, worker_defaults[i]) &&
            !(pipeline->options.agreed && same_name(worker_defaults[i], SECRET)))
            words[count++] = worker_defaults[i];
    words[count++] = redis;
    words[count++] = api;
    if (!pipeline->options.poll)
        words[count++] = hook;
    words[count] = NULL;
    cr_assert_lt(pipeline->worker_count, PIPELINE_WORKERS);
    struct process *worker =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-worker", NULL, words});
    pipeline->workers[pipeline->worker_count++] = worker;
    free(redis);
    free(api);
    free(hook);
    return worker;
}

static void start_webhook(struct pipeline *pipeline)
{
    char *redis = redis_url(pipeline, REDIS_USERS_WEBHOOK);
    const char *words[PROCESS_MAX_WORDS + 1] = {redis, "REELQ_LISTEN=127.0.0.1:0",
                                                "REELQ_ADMIN_LISTEN=127.0.0.1:0"};
    const char *const *more = pipeline->options.webhook;
    size_t count = 3;

    if (!pipeline->options.agreed)
        words[count++] = SECRET;
    for (size_t i = 0; more != NULL && more[i] != NULL && count < PROCESS_MAX_WORDS; i++)
        words[count++] = more[i];
    pipeline->webhook =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-webhook", NULL, words});
    free(redis);
    pipeline->webhook_address = xstrdup(process_address(pipeline->webhook, "public"));
}

static void start_sandbox(struct pipeline *pipeline)
{
    unsigned port;

    pipeline->sandbox_holder = port_hold(&port);
    char *address = xasprintf("127.0.0.1:%u", port);
    pipeline_sandbox_start(pipeline, address);
    free(address);
}

void pipeline_start(struct pipeline *pipeline, const struct pipeline_options *options)
{
    *pipeline = (struct pipeline){.options = *options, .answer = BUFFER(RAW_HTTP_MAX)};
    if (options->users)
        pipeline->redis = redis_users_start("reelq:", options->redis);
    else
        pipeline->redis =
            redis_server_start_with(options->redis != NULL ? options->redis : LIST(NULL));
    pipeline->witness =
        witness_new(redis_server_path(pipeline->redis), user_of(pipeline, REDIS_USERS_OBSERVER));
    start_sandbox(pipeline);
    start_webhook(pipeline);
    for (unsigned i = options->workers > 0 ? options->workers : 1; !options->idle && i > 0; i--)
        (void)pipeline_worker(pipeline);
}

/* --- stop ------------------------------------------------------------------------------------- */

static void end(struct process *process, const char *name)
{
    process_signal(process, SIGCONT);
    process_signal(process, SIGTERM);
    int status = process_wait(process);
    if (status != -SIGKILL)
        cr_expect_eq(status, 0, "%s ends with %d: %s", name, status, process_log(process));
    const char *log = process_log(process);
    cr_expect_null(strstr(log, "sig="), "%s logs a signature: %s", name, log);
    process_free(process);
}

static void expect_nothing_left(struct pipeline *pipeline)
{
    struct buffer left = BUFFER(4096);

    cr_expect_eq(homes_left(pipeline->redis, &left), 0, "left: %s", buffer_text(&left));
    buffer_clear(&left);
}

void pipeline_stop(struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->worker_count; i++)
        end(pipeline->workers[i], "worker");
    end(pipeline->webhook, "webhook");
    pipeline_sandbox_stop(pipeline);
    (void)close(pipeline->sandbox_holder);
    expect_nothing_left(pipeline);
    cr_expect(pipeline->options.restarts || witness_agrees(pipeline->witness),
              "channels and stream differ");
    witness_free(pipeline->witness);
    if (pipeline->submitter != NULL)
        redisFree(pipeline->submitter);
    redis_server_stop(pipeline->redis);
    buffer_clear(&pipeline->answer);
    free(pipeline->sandbox_address);
    free(pipeline->webhook_address);
}

/* --- use -------------------------------------------------------------------------------------- */

static void push_as_submitter(struct pipeline *pipeline, const char *item)
{
    if (pipeline->submitter == NULL)
        pipeline->submitter =
            redis_users_dial(redis_server_path(pipeline->redis), REDIS_USERS_SUBMITTER);
    redisReply *reply = redisCommand(pipeline->submitter, "LPUSH reelq:tasks %s", item);
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_INTEGER, "LPUSH: %s",
              reply != NULL ? reply->str : pipeline->submitter->errstr);
    freeReplyObject(reply);
}

void pipeline_submit(struct pipeline *pipeline, const char *format, ...)
{
    va_list ap;
    char *item = NULL;

    va_start(ap, format);
    cr_assert(vasprintf(&item, format, ap) >= 0);
    va_end(ap);
    if (pipeline->options.users)
        push_as_submitter(pipeline, item);
    else
        (void)redis_server_integer(pipeline->redis, "LPUSH reelq:tasks %s", item);
    free(item);
}

static void report(struct pipeline *pipeline)
{
    if (redis_server_pid(pipeline->redis) > 0) {
        char *stream = witness_text(pipeline->witness);
        (void)fprintf(stderr, "--- events\n%s", stream);
        free(stream);
    }
    for (unsigned i = 0; i < pipeline->worker_count; i++)
        (void)fprintf(stderr, "--- worker %u\n%s", i, process_log(pipeline->workers[i]));
    (void)fprintf(stderr, "--- webhook\n%s", process_log(pipeline->webhook));
}

const char *pipeline_await_nth(struct pipeline *pipeline, const char *event, const char *id,
                               unsigned nth)
{
    const char *json = witness_event(pipeline->witness, event, id, nth, PIPELINE_WAIT_MS);

    if (json == NULL) {
        report(pipeline);
        cr_assert_fail("no event %s of %s, number %u", event, id, nth);
    }
    return json;
}

const char *pipeline_await(struct pipeline *pipeline, const char *event, const char *id)
{
    return pipeline_await_nth(pipeline, event, id, 1);
}

void pipeline_await_log(struct pipeline *pipeline, const char *text, unsigned count)
{
    if (process_wait_log(pipeline->workers[0], text, count, PIPELINE_WAIT_MS))
        return;
    report(pipeline);
    cr_assert_fail("the worker does not say '%s' %u times", text, count);
}

void pipeline_await_empty(struct pipeline *pipeline, const char *key)
{
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;

    while (redis_server_integer(pipeline->redis, "ZCARD %s", key) > 0) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s does not get empty", key);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

char *pipeline_pick(const char *json, const char *key)
{
    char *mark = xasprintf("\"%s\":\"", key);
    const char *at = strstr(json, mark);
    const char *start = at != NULL ? at + strlen(mark) : "";

    free(mark);
    return slice_copy(slice_make(start, strcspn(start, "\"")));
}

char *pipeline_record(struct pipeline *pipeline, const char *id, const char *field)
{
    struct redisReply *reply =
        redis_server_command(pipeline->redis, "HGET reelq:task:%s %s", id, field);
    char *value = xstrdup(reply->str != NULL ? reply->str : "");

    freeReplyObject(reply);
    return value;
}

void pipeline_has(const char *what, const char *text, const char *part)
{
    cr_expect_not_null(strstr(text, part), "%s: no %s in %s", what, part, text);
}
