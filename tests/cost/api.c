#include "cost/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/callback.h"
#include "net/http_server.h"
#include "support/wait.h"

enum { MAX_BODY = 64 * 1024, PATIENCE_MS = 20000 };

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
    int lines[API_MAX_CALLS]; /* connections to the webhook, or CALLBACK_NO_LINE */
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

static void on_call(struct http_request *request, const struct http_view *view, void *arg)
{
    struct api *api = arg;

    if (api->call_count == API_MAX_CALLS)
        fail("too many calls");
    struct call *call = &api->calls[api->call_count++];
    call->request = request;
    callback_keep_url(&call->callback_url, view->body);
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

void api_send_callbacks(struct api *api, api_body_fn fn)
{
    struct buffer body = BUFFER(MAX_BODY);

    for (unsigned i = 0; i < api->call_count; i++) {
        buffer_reset(&body);
        fn(&body, api->called++);
        (void)callback_send(&api->lines[i], buffer_slice(&api->calls[i].callback_url),
                            buffer_slice(&body));
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
        api->lines[i] = CALLBACK_NO_LINE;
        buffer_init(&api->calls[i].callback_url, CALLBACK_MAX_URL);
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
        if (api->lines[i] != CALLBACK_NO_LINE)
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
