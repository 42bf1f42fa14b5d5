#include "bench/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/callback.h"
#include "net/http_server.h"
#include "support/wait.h"

enum { MAX_BODY = 64 * 1024, PATIENCE_MS = 10000, PER_CONNECTION = 500 };

struct stage {
    struct loop *loop;
    struct http_server *server;
    char *url;
    unsigned calls;    /* answered */
    int64_t called_ns; /* the last one's first byte */
    struct buffer callback_url;
    int callback; /* a connection to the webhook, on which nothing was sent, or CALLBACK_NO_LINE */
    unsigned callbacks; /* answered */
    bool unanswered;    /* the callback that was sent over it */
};

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "stage: %s\n", what);
    abort();
}

/* --- calls ------------------------------------------------------------------------------------ */

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    struct stage *stage = arg;

    (void)view;
    (void)allow;
    stage->called_ns = account_now_ns();
    return HTTP_ADMIT;
}

static void on_call(struct http_request *request, const struct http_view *view, void *arg)
{
    struct stage *stage = arg;
    struct http_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .body =
            slice_text("{\"success\":true,\"status\":\"processing\",\"request_type\":\"async\"}"),
    };

    callback_keep_url(&stage->callback_url, view->body);
    stage->calls++;
    http_reply(request, &answer);
}

int64_t stage_await_call(struct stage *stage)
{
    unsigned wanted = stage->calls + 1;

    if (!wait_for_count(stage->loop, &stage->calls, wanted, PATIENCE_MS))
        fail("no call comes");
    return stage->called_ns;
}

/* --- callbacks -------------------------------------------------------------------------------- */

int64_t stage_send_callback(struct stage *stage, const char *body)
{
    stage->unanswered = true;
    return callback_send(&stage->callback, buffer_slice(&stage->callback_url), slice_text(body));
}

void stage_rest(struct stage *stage, int64_t ms)
{
    char answers[4096];

    wait_ms(stage->loop, ms);
    if (!stage->unanswered)
        return;
    if (read(stage->callback, answers, sizeof(answers)) <= 0)
        fail("the webhook has closed");
    stage->unanswered = false;
    if (++stage->callbacks % PER_CONNECTION == 0) {
        (void)close(stage->callback);
        stage->callback = CALLBACK_NO_LINE;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

struct stage *stage_new(void)
{
    struct stage *stage = xcalloc(1, sizeof(*stage));
    struct error error;

    stage->loop = loop_new();
    stage->callback = CALLBACK_NO_LINE;
    buffer_init(&stage->callback_url, CALLBACK_MAX_URL);
    struct http_server_options options = {.loop = stage->loop,
                                          .listen = "127.0.0.1:0",
                                          .name = "stage",
                                          .gate = on_head,
                                          .handle = on_call,
                                          .arg = stage,
                                          .max_body = MAX_BODY,
                                          .max_connections = 1024,
                                          .trusted_proxies = ""};
    stage->server = http_server_new(&options, &error);
    if (stage->server == NULL)
        fail(error.text);
    stage->url = xasprintf("http://%s", http_server_address(stage->server));
    return stage;
}

void stage_free(struct stage *stage)
{
    if (stage->callback != CALLBACK_NO_LINE)
        (void)close(stage->callback);
    http_server_free(stage->server);
    loop_free(stage->loop);
    buffer_clear(&stage->callback_url);
    free(stage->url);
    free(stage);
}

const char *stage_url(const struct stage *stage)
{
    return stage->url;
}
