/* http_push_begin -> http_connection_hand_over -> head -> on_input, on_end -> on_gone
 *
 * The connection is over for its own file: what is left is a stream with another reader. */
#include "net/http_push.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "net/http_answer.h"
#include "net/http_connection_state.h"

struct http_push {
    struct http_push_options options;
    struct http_service *service;
    TAILQ_ENTRY(http_push) link;
    struct http_stream *stream;
    struct http_arrival arrival;
    struct loop_timer too_slow; /* started: nothing is sent any more */
};

/* --- end -------------------------------------------------------------------------------------- */

void http_push_end(struct http_push *push)
{
    struct http_service *service = push->service;

    TAILQ_REMOVE(&service->pushes, push, link);
    http_stream_free(push->stream);
    loop_timer_clear(&push->too_slow);
    service->on_closed(&push->arrival, service->arg);
    free(push);
}

static void lose(struct http_push *push)
{
    struct http_push_options options = push->options;

    http_push_end(push);
    options.on_gone(options.arg);
}

void http_push_end_all(struct http_service *service)
{
    while (!TAILQ_EMPTY(&service->pushes))
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): who ends has left its list */
        lose(TAILQ_FIRST(&service->pushes));
}

/* --- events ----------------------------------------------------------------------------------- */

/* What a client says meanwhile has no meaning; but while it is not taken, nothing more is read, and
 * so not the end of the stream either. */
static void on_input(void *arg)
{
    struct http_push *push = arg;

    http_stream_drop(push->stream, SIZE_MAX);
}

static void on_sent(void *arg)
{
    (void)arg;
}

static void on_end(bool failed, void *arg)
{
    (void)failed;
    lose(arg);
}

static void on_too_slow(void *arg)
{
    struct http_push *push = arg;

    log_debug("http-push-too-slow", "unsent=%zu", http_stream_unsent(push->stream));
    lose(push);
}

/* --- life ------------------------------------------------------------------------------------- */

static void send_head(struct http_push *push)
{
    struct http_service *service = push->service;
    struct http_answer answer = {.status = 200, .content_type = push->options.content_type};
    struct http_answer_frame frame = {
        .headers = service->options.headers, .close = true, .goes_on = true};

    buffer_reset(&service->scratch);
    http_answer_add(&service->scratch, &answer, &frame);
    assert(!service->scratch.failed);
    http_stream_send(push->stream, buffer_slice(&service->scratch));
}

struct http_push *http_push_begin(struct http_request *request,
                                  const struct http_push_options *options)
{
    struct http_connection *c = request->connection;
    struct http_push *push = xcalloc(1, sizeof(*push));
    struct http_stream_events events = {
        .on_input = on_input, .on_sent = on_sent, .on_end = on_end, .arg = push};

    *push = (struct http_push){.options = *options, .service = c->service, .arrival = c->arrival};
    push->stream = http_connection_hand_over(c);
    if (push->stream == NULL) {
        free(push);
        return NULL;
    }
    loop_timer_init(&push->too_slow, push->service->options.loop, on_too_slow, push);
    TAILQ_INSERT_TAIL(&push->service->pushes, push, link);
    http_stream_rebind(push->stream, &events);
    http_stream_drop(push->stream, SIZE_MAX);
    send_head(push);
    return push;
}

void http_push_send(struct http_push *push, struct slice bytes)
{
    if (loop_timer_pending(&push->too_slow))
        return;
    if (http_stream_unsent(push->stream) + bytes.length > push->options.max_unsent)
        loop_timer_start(&push->too_slow, 0);
    else
        http_stream_send(push->stream, bytes);
}
