#include "drip.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define PIECES        20
#define ANSWER_WAIT_S 10

struct drip {
    struct bufferevent *stream;
    struct event *next; /* the next piece; then the deadline of the answer */
    char *body;
    size_t length;
    size_t sent;
    struct timeval pause;
    bool ended;
    void (*on_end)(int status, void *arg);
    void *arg;
};

static void end(struct drip *drip, int status)
{
    if (!drip->ended) {
        drip->ended = true;
        drip->on_end(status, drip->arg);
    }
}

static void on_piece(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct drip *drip = arg;
    if (drip->sent == drip->length) {
        end(drip, 0);
        return;
    }
    size_t piece = drip->length / PIECES + 1;
    if (piece > drip->length - drip->sent) {
        piece = drip->length - drip->sent;
    }
    bufferevent_write(drip->stream, drip->body + drip->sent, piece);
    drip->sent += piece;
    struct timeval wait = {ANSWER_WAIT_S, 0};
    event_add(drip->next, drip->sent == drip->length ? &wait : &drip->pause);
}

/* The status line is all that matters. */
static void on_read(struct bufferevent *stream, void *arg)
{
    struct drip *drip = arg;
    size_t length;
    char *line = evbuffer_readln(bufferevent_get_input(stream), &length, EVBUFFER_EOL_CRLF);
    int status = 0;
    if (line == NULL) {
        return;
    }
    if (strncmp(line, "HTTP/1.", 7) == 0 && length > 9) {
        status = (int)strtol(line + 9, NULL, 10);
    }
    free(line);
    end(drip, status);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    if ((what & BEV_EVENT_CONNECTED) == 0) {
        end(arg, 0);
    }
}

struct drip *drip_start(struct event_base *base, const struct drip_request *request)
{
    struct drip *drip = xcalloc(1, sizeof(*drip));
    int64_t pause_ms = request->duration_ms / PIECES + 1;
    drip->pause = (struct timeval){pause_ms / 1000, (pause_ms % 1000) * 1000};
    drip->body = slice_copy(request->body);
    drip->length = request->body.length;
    drip->on_end = request->on_end;
    drip->arg = request->arg;
    drip->next = evtimer_new(base, on_piece, drip);
    drip->stream =
        bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(drip->stream, on_read, NULL, on_event, drip);
    bufferevent_enable(drip->stream, EV_READ | EV_WRITE);
    evbuffer_add_printf(bufferevent_get_output(drip->stream),
                        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                        "Connection: close\r\nContent-Length: %zu\r\n\r\n",
                        request->path, request->host_header, drip->length);
    event_add(drip->next, &drip->pause);
    /* A failure comes as an event, or as silence that the last wait ends. */
    (void)bufferevent_socket_connect_hostname(drip->stream, NULL, AF_UNSPEC, request->host,
                                              request->port);
    return drip;
}

void drip_free(struct drip *drip)
{
    event_free(drip->next);
    bufferevent_free(drip->stream);
    free(drip->body);
    free(drip);
}
