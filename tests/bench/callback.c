#include "bench/callback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "bench/account.h"
#include "support/raw_http.h"

enum { MAX_CALL = 64 * 1024, MAX_DEPTH = 32 };

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "callback: %s\n", what);
    abort();
}

void callback_keep_url(struct buffer *url, struct slice call)
{
    struct json_limits limits = {MAX_CALL, MAX_DEPTH};
    struct json doc;
    struct error error;

    buffer_reset(url);
    if (!json_parse(&doc, call, &limits, &error))
        fail(error.text);
    if (!json_string(&doc, json_get(&doc, JSON_ROOT, "callback_url"), url))
        fail("a call without callback_url");
    json_clear(&doc);
}

static int dial(const struct url *url)
{
    char *address = xasprintf("%.*s:%.*s", SLICE_ARGS(url->host), SLICE_ARGS(url->port));
    int line = raw_http_send(address, "");

    free(address);
    return line;
}

int64_t callback_send(int *line, struct slice url, struct slice body)
{
    struct url parts;
    struct error error;

    if (!url_parse(url, CALLBACK_MAX_URL, &parts, &error))
        fail(error.text);
    if (*line == CALLBACK_NO_LINE)
        *line = dial(&parts);
    char *text = xasprintf("POST %.*s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%.*s",
                           SLICE_ARGS(parts.target), body.length, SLICE_ARGS(body));
    if (write(*line, text, strlen(text)) != (ssize_t)strlen(text))
        fail("the webhook does not read");
    int64_t sent_ns = account_now_ns();
    free(text);
    return sent_ns;
}
