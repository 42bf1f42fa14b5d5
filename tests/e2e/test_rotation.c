/* A new callback secret, process by process, while tasks are under way. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

#define NEW_SECRET "the-secret-that-comes-next"

enum { TASKS = 8 };

static struct pipeline pipeline;

/* Their callbacks are on their way for a while, beyond what happens next. */
static void submit_some(const char *step)
{
    for (unsigned i = 0; i < TASKS; i++)
        pipeline_submit(&pipeline, "{\"id\":\"%s%u\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}",
                        step, i);
    for (unsigned i = 0; i < TASKS; i++) {
        char *id = xasprintf("%s%u", step, i);
        (void)pipeline_await(&pipeline, "accepted", id);
        free(id);
    }
}

/* A callback that is refused would be missed: the API is asked only after a minute. */
static void await_some(const char *step)
{
    for (unsigned i = 0; i < TASKS; i++) {
        char *id = xasprintf("%s%u", step, i);
        pipeline_has(id, pipeline_await(&pipeline, "ready", id), "\"attempts\":1");
        free(id);
    }
}

/* The next webhook takes the port before the one before it goes. */
static void replace_webhook(const char *secrets)
{
    char *redis = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(pipeline.redis));
    char *listen = xasprintf("REELQ_LISTEN=%s", pipeline.webhook_address);
    char *secret = xasprintf("REELQ_CALLBACK_SECRET=%s", secrets);
    const char *const *words = LIST(redis, listen, secret, "REELQ_ADMIN_LISTEN=127.0.0.1:0");
    struct process *before = pipeline.webhook;

    pipeline.webhook =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-webhook", NULL, words});
    (void)process_address(pipeline.webhook, "public");
    process_signal(before, SIGTERM);
    cr_expect_eq(process_wait(before), 0, "%s", process_log(before));
    process_free(before);
    free(secret);
    free(listen);
    free(redis);
}

static void replace_worker(const char *const *words)
{
    struct process *before = pipeline.workers[0];

    pipeline.options.worker = words;
    (void)pipeline_worker(&pipeline);
    process_signal(before, SIGTERM);
    cr_expect_eq(process_wait(before), 0, "%s", process_log(before));
}

/* Who checks knows the new one before anybody signs by it, and the old one until nothing that was
 * signed by it is on its way. */
Test(rotation, refuses_no_callback)
{
    pipeline_start(&pipeline, &(struct pipeline_options){0});
    pipeline_faults(&pipeline, "callback:late(500)=1");
    submit_some("a");
    replace_webhook(PIPELINE_SECRET "," NEW_SECRET);
    submit_some("b");
    replace_worker(LIST("REELQ_CALLBACK_SECRET=" NEW_SECRET));
    await_some("a");
    await_some("b");
    submit_some("c");
    replace_webhook(NEW_SECRET);
    submit_some("d");
    await_some("c");
    await_some("d");
    cr_expect_eq(
        raw_http_get(process_address(pipeline.webhook, "admin"), "/metrics", &pipeline.answer),
        200);
    pipeline_has("refused", buffer_text(&pipeline.answer),
                 "reelq_callbacks_total{result=\"refused\"} 0\n");
    cr_expect_eq(pipeline_callback(&pipeline, "upload", "a0", 1, "{\"success\":true}"), 404,
                 "the old secret is of no use any more");
    cr_expect_eq(pipeline_asked(&pipeline, "\"GET\"", NULL), 0, "VideoDB was asked for something");
    pipeline_stop(&pipeline);
}
