#include "net/http_stream.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/xalloc.h"

enum { READ_AHEAD_BYTES = 16 * 1024 };

static_assert((int)HTTP_STREAM_PEER_SIZE >= (int)INET6_ADDRSTRLEN, "room for every address");

struct http_stream {
    struct bufferevent *socket;
    struct http_stream_events events;
};

static bool is_full(const struct http_stream *stream)
{
    return http_stream_input_length(stream) >= READ_AHEAD_BYTES;
}

/* Left enabled, a bufferevent with its input at the high watermark would call this again in every
 * turn of the loop until somebody takes the input; and nobody does while a request is in work. */
static void on_read(struct bufferevent *socket, void *arg)
{
    const struct http_stream *stream = arg;

    if (is_full(stream))
        (void)bufferevent_disable(socket, EV_READ);
    stream->events.on_input(stream->events.arg);
}

static void on_written(struct bufferevent *socket, void *arg)
{
    const struct http_stream *stream = arg;

    (void)socket;
    stream->events.on_sent(stream->events.arg);
}

static void on_event(struct bufferevent *socket, short what, void *arg)
{
    const struct http_stream *stream = arg;

    (void)socket;
    stream->events.on_end((what & BEV_EVENT_ERROR) != 0, stream->events.arg);
}

struct http_stream *http_stream_new(struct loop *loop, int fd,
                                    const struct http_stream_events *events)
{
    struct http_stream *stream = xcalloc(1, sizeof(*stream));
    int on = 1;

    stream->events = *events;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    stream->socket = bufferevent_socket_new(loop_base(loop), fd, BEV_OPT_CLOSE_ON_FREE);
    assert(stream->socket != NULL);
    bufferevent_setcb(stream->socket, on_read, on_written, on_event, stream);
    bufferevent_setwatermark(stream->socket, EV_READ, 0, READ_AHEAD_BYTES);
    (void)bufferevent_enable(stream->socket, EV_READ);
    return stream;
}

void http_stream_free(struct http_stream *stream)
{
    bufferevent_free(stream->socket);
    free(stream);
}

struct slice http_stream_peek(struct http_stream *stream)
{
    struct evbuffer_iovec part;

    if (evbuffer_peek(bufferevent_get_input(stream->socket), -1, NULL, &part, 1) < 1)
        return slice_make(NULL, 0);
    return slice_make(part.iov_base, part.iov_len);
}

void http_stream_drop(struct http_stream *stream, size_t length)
{
    (void)evbuffer_drain(bufferevent_get_input(stream->socket), length);
    if (!is_full(stream))
        (void)bufferevent_enable(stream->socket, EV_READ);
}

size_t http_stream_input_length(const struct http_stream *stream)
{
    return evbuffer_get_length(bufferevent_get_input(stream->socket));
}

bool http_stream_is_silent(const struct http_stream *stream)
{
    char byte;

    return http_stream_input_length(stream) == 0 &&
           recv(bufferevent_getfd(stream->socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void http_stream_wake(struct http_stream *stream)
{
    bufferevent_trigger(stream->socket, EV_READ,
                        (int)BEV_TRIG_IGNORE_WATERMARKS | (int)BEV_TRIG_DEFER_CALLBACKS);
}

/* Without the detour over the loop an answer costs one system call; an error that is not looked at
 * here is met again when the rest is written. */
void http_stream_send(struct http_stream *stream, struct slice bytes)
{
    if (http_stream_is_sent(stream)) {
        ssize_t sent = send(bufferevent_getfd(stream->socket), bytes.data, bytes.length,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        bytes = slice_skip(bytes, sent > 0 ? (size_t)sent : 0);
    }
    if (bytes.length > 0)
        (void)bufferevent_write(stream->socket, bytes.data, bytes.length);
}

bool http_stream_is_sent(const struct http_stream *stream)
{
    return evbuffer_get_length(bufferevent_get_output(stream->socket)) == 0;
}

void http_stream_finish(struct http_stream *stream)
{
    (void)shutdown(bufferevent_getfd(stream->socket), SHUT_WR);
}

void http_stream_name_peer(const struct sockaddr *name, char text[HTTP_STREAM_PEER_SIZE])
{
    const void *address = NULL;

    if (name->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)name)->sin_addr;
    else if (name->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)name)->sin6_addr;
    if (address == NULL || inet_ntop(name->sa_family, address, text, HTTP_STREAM_PEER_SIZE) == NULL)
        (void)snprintf(text, HTTP_STREAM_PEER_SIZE, "unix");
}
