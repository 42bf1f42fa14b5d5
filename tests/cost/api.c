#include "cost/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "net/http_server.h"
#include "support/raw_http.h"
#include "support/wait.h"

enum { MAX_BODY = 64 * 1024, MAX_URL = 8192, PATIENCE_MS = 20000, NO_LINE = -1 };

struct call {
    struct http_request *request; /* NULL once it is answered */
    struct buffer callback_url;
};

struct api {
    struct loop *loop;
    struct http_server *server;
    char *url;
    struct call calls[API_MAX_CALLS];
    unsigned call_count;
    int lines[API_MAX_CALLS]; /* connections to the webhook, or NO_LINE */
    unsigned called;          /* since the start */
};

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "api: %s\n", what);
    abort();
}

/* --- calls ------------------------------------------------------------------------------------ */

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    (void)view;
    (void)allow;
    (void)arg;
    return HTTP_ADMIT;
}

static void keep_callback_url(struct call *call, struct slice body)
{
    struct json_limits limits = {MAX_BODY, 32};
    struct json doc;
    struct error error;

    buffer_reset(&call->callback_url);
    if (!json_parse(&doc, body, &limits, &error))
        fail(error.text);
    if (!json_string(&doc, json_get(&doc, JSON_ROOT, "callback_url"), &call->callback_url))
        fail("a call without callback_url");
    json_clear(&doc);
}

static void on_call(struct http_request *request, const struct http_view *view, void *arg)
{
    struct api *api = arg;

    if (api->call_count == API_MAX_CALLS)
        fail("too many calls");
    struct call *call = &api->calls[api->call_count++];
    call->request = request;
    keep_callback_url(call, view->body);
}

void api_await_calls(struct api *api, unsigned count)
{
    api->call_count = 0;
    if (!wait_for_count(api->loop, &api->call_count, count, PATIENCE_MS))
        fail("no call comes");
}

static bool has_turned(void *arg)
{
    unsigned *looks = arg;
    return ++*looks > 1;
}

void api_accept_calls(struct api *api)
{
    struct http_answer accepted = {
        .status = 200,
        .content_type = "application/json",
        .body =
            slice_text("{\"success\":true,\"status\":\"processing\",\"request_type\":\"async\"}"),
    };
    unsigned looks = 0;

    for (unsigned i = 0; i < api->call_count; i++)
        http_reply(api->calls[i].request, &accepted);
    (void)wait_until(api->loop, has_turned, &looks, PATIENCE_MS);
}

/* --- callbacks -------------------------------------------------------------------------------- */

static void dial(int *line, const struct url *url)
{
    char *address = xasprintf("%.*s:%.*s", SLICE_ARGS(url->host), SLICE_ARGS(url->port));

    *line = raw_http_send(address, "");
    free(address);
}

static void send_callback(struct api *api, unsigned number, struct slice body)
{
    int *line = &api->lines[number];
    struct url url;
    struct error error;

    if (!url_parse(buffer_slice(&api->calls[number].callback_url), MAX_URL, &url, &error))
        fail(error.text);
    if (*line == NO_LINE)
        dial(line, &url);
    char *text = xasprintf("POST %.*s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%.*s",
                           SLICE_ARGS(url.target), body.length, SLICE_ARGS(body));
    if (write(*line, text, strlen(text)) != (ssize_t)strlen(text))
        fail("the webhook does not read");
    free(text);
}

void api_send_callbacks(struct api *api, api_body_fn fn)
{
    struct buffer body = BUFFER(MAX_BODY);

    for (unsigned i = 0; i < api->call_count; i++) {
        buffer_reset(&body);
        fn(&body, api->called++);
        send_callback(api, i, buffer_slice(&body));
    }
    buffer_clear(&body);
}

void api_take_answers(struct api *api)
{
    static const char good[] = "HTTP/1.1 200 ";
    char answer[4096];

    for (unsigned i = 0; i < api->call_count; i++)
        if (read(api->lines[i], answer, sizeof(answer)) < (ssize_t)sizeof(good) ||
            strncmp(answer, good, sizeof(good) - 1) != 0)
            fail("the webhook has not taken a callback");
}

/* --- life ------------------------------------------------------------------------------------- */

struct api *api_new(void)
{
    struct api *api = xcalloc(1, sizeof(*api));
    struct error error;

    api->loop = loop_new();
    for (unsigned i = 0; i < API_MAX_CALLS; i++) {
        api->lines[i] = NO_LINE;
        buffer_init(&api->calls[i].callback_url, MAX_URL);
    }
    struct http_server_options options = {.loop = api->loop,
                                          .listen = "127.0.0.1:0",
                                          .name = "api",
                                          .gate = on_head,
                                          .handle = on_call,
                                          .arg = api,
                                          .max_body = MAX_BODY,
                                          .max_connections = 2 * API_MAX_CALLS,
                                          .trusted_proxies = ""};
    api->server = http_server_new(&options, &error);
    if (api->server == NULL)
        fail(error.text);
    api->url = xasprintf("http://%s", http_server_address(api->server));
    return api;
}

void api_free(struct api *api)
{
    http_server_free(api->server);
    loop_free(api->loop);
    for (unsigned i = 0; i < API_MAX_CALLS; i++) {
        if (api->lines[i] != NO_LINE)
            (void)close(api->lines[i]);
        buffer_clear(&api->calls[i].callback_url);
    }
    free(api->url);
    free(api);
}

const char *api_url(const struct api *api)
{
    return api->url;
}
