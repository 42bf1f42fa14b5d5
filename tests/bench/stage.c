#include "bench/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "bench/account.h"
#include "net/http_server.h"
#include "support/raw_http.h"
#include "support/wait.h"

enum {
    MAX_BODY = 64 * 1024,
    MAX_URL = 8192,
    PATIENCE_MS = 10000,
    NO_CALLBACK = -1,
    PER_CONNECTION = 500
};

struct stage {
    struct loop *loop;
    struct http_server *server;
    char *url;
    unsigned calls;    /* answered */
    int64_t called_ns; /* the last one's first byte */
    struct buffer callback_url;
    int callback;       /* a connection to the webhook, on which nothing was sent, or NO_CALLBACK */
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

static void keep_callback_url(struct stage *stage, struct slice body)
{
    struct json_limits limits = {MAX_BODY, 32};
    struct json doc;
    struct error error;

    buffer_reset(&stage->callback_url);
    if (!json_parse(&doc, body, &limits, &error))
        fail(error.text);
    if (!json_string(&doc, json_get(&doc, JSON_ROOT, "callback_url"), &stage->callback_url))
        fail("a call without callback_url");
    json_clear(&doc);
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

    keep_callback_url(stage, view->body);
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

static void dial_webhook(struct stage *stage, const struct url *url)
{
    char *address = xasprintf("%.*s:%.*s", (int)url->host.length, url->host.data,
                              (int)url->port.length, url->port.data);

    stage->callback = raw_http_send(address, "");
    free(address);
}

int64_t stage_send_callback(struct stage *stage, const char *body)
{
    struct url url;
    struct error error;

    if (!url_parse(buffer_slice(&stage->callback_url), MAX_URL, &url, &error))
        fail(error.text);
    if (stage->callback == NO_CALLBACK)
        dial_webhook(stage, &url);
    char *text = xasprintf("POST %.*s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s",
                           (int)url.target.length, url.target.data, strlen(body), body);
    if (write(stage->callback, text, strlen(text)) != (ssize_t)strlen(text))
        fail("the webhook does not read");
    int64_t sent_ns = account_now_ns();
    stage->unanswered = true;
    free(text);
    return sent_ns;
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
        stage->callback = NO_CALLBACK;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

struct stage *stage_new(void)
{
    struct stage *stage = xcalloc(1, sizeof(*stage));
    struct error error;

    stage->loop = loop_new();
    stage->callback = NO_CALLBACK;
    buffer_init(&stage->callback_url, MAX_URL);
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
    if (stage->callback != NO_CALLBACK)
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
