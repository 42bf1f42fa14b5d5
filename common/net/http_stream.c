/* http_stream - one libevent event per client, and no memory for bytes while there are none.
 *   on_ready -> on_readable -> recv onto the stack -> on_input; what is left there is kept
 *            -> on_writable -> on_sent
 *
 * A bufferevent would keep 1.3 KiB for a client that says nothing, and ask the kernel how much
 * there is before it reads. */
#include "net/http_stream.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buffer.h"
#include "base/xalloc.h"

enum { READ_BYTES = 16 * 1024, UNSENT_MAX = 64 * 1024 * 1024 };

static_assert((int)HTTP_STREAM_PEER_SIZE >= (int)INET6_ADDRSTRLEN, "room for every address");

struct http_stream {
    struct http_stream_events events;
    struct event *event;
    int fd;
    short watched;      /* what the event waits for */
    bool ended;         /* no more input comes */
    bool entered;       /* on_ready() is on the stack, and needs this memory after the callbacks */
    bool freed;         /* meanwhile */
    struct slice input; /* came and was not dropped yet: on the stack of receive(), or in `kept` */
    char *kept;         /* NULL: nothing */
    struct buffer unsent;
    size_t sent; /* of `unsent` */
};

static void on_ready(evutil_socket_t fd, short what, void *arg);

/* Nothing more is read while there is input that nobody takes: it would be there again in every
 * turn of the loop. */
static void watch(struct http_stream *stream)
{
    bool read = !stream->ended && stream->input.length == 0;
    short wanted = (short)((read ? EV_READ : 0) | (stream->unsent.length > 0 ? EV_WRITE : 0));

    if (stream->entered || wanted == stream->watched)
        return;
    (void)event_del(stream->event);
    (void)event_assign(stream->event, event_get_base(stream->event), stream->fd,
                       (short)(wanted | EV_PERSIST), on_ready, stream);
    if (wanted != 0)
        (void)event_add(stream->event, NULL);
    stream->watched = wanted;
}

static bool may_try_again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* --- input ------------------------------------------------------------------------------------ */

static void keep_input(struct http_stream *stream)
{
    if (stream->input.length > 0)
        stream->kept = slice_copy(stream->input);
    stream->input.data = stream->kept;
}

static void receive(struct http_stream *stream)
{
    char bytes[READ_BYTES];
    ssize_t length = recv(stream->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (length > 0) {
        stream->input = slice_make(bytes, (size_t)length);
        stream->events.on_input(stream->events.arg);
        keep_input(stream);
    } else if (length == 0 || !may_try_again()) {
        stream->ended = true;
        stream->events.on_end(length < 0, stream->events.arg);
    }
}

static void on_readable(struct http_stream *stream)
{
    if (stream->input.length > 0)
        stream->events.on_input(stream->events.arg);
    else if (!stream->ended)
        receive(stream);
}

struct slice http_stream_peek(const struct http_stream *stream)
{
    return stream->input;
}

void http_stream_drop(struct http_stream *stream, size_t length)
{
    stream->input = slice_skip(stream->input, length);
    if (stream->input.length == 0) {
        free(stream->kept);
        stream->kept = NULL;
    }
    watch(stream);
}

bool http_stream_is_silent(const struct http_stream *stream)
{
    char byte;

    return stream->input.length == 0 && recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void http_stream_wake(struct http_stream *stream)
{
    event_active(stream->event, EV_READ, 0);
}

/* --- output ----------------------------------------------------------------------------------- */

/* Without the detour over the loop an answer costs one system call; an error that is not looked at
 * here is met again when the rest is written. */
void http_stream_send(struct http_stream *stream, struct slice bytes)
{
    if (http_stream_is_sent(stream)) {
        ssize_t sent = send(stream->fd, bytes.data, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        bytes = slice_skip(bytes, sent > 0 ? (size_t)sent : 0);
    }
    if (bytes.length > 0)
        buffer_add_slice(&stream->unsent, bytes);
    assert(!stream->unsent.failed);
    watch(stream);
}

/* A client may always be a little behind: what it has got must not pile up. Moved at most once per
 * byte, since there is no more left than goes. */
static void forget_sent(struct http_stream *stream)
{
    if (stream->sent < stream->unsent.length / 2)
        return;
    buffer_drop(&stream->unsent, stream->sent);
    stream->sent = 0;
}

static void on_writable(struct http_stream *stream)
{
    struct slice rest = slice_skip(buffer_slice(&stream->unsent), stream->sent);
    ssize_t sent = send(stream->fd, rest.data, rest.length, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0 && !may_try_again()) {
        stream->events.on_end(true, stream->events.arg);
        return;
    }
    stream->sent += sent > 0 ? (size_t)sent : 0;
    if (stream->sent < stream->unsent.length) {
        forget_sent(stream);
        return;
    }
    buffer_clear(&stream->unsent);
    stream->sent = 0;
    stream->events.on_sent(stream->events.arg);
}

bool http_stream_is_sent(const struct http_stream *stream)
{
    return stream->unsent.length == 0;
}

size_t http_stream_unsent(const struct http_stream *stream)
{
    return stream->unsent.length - stream->sent;
}

void http_stream_finish(struct http_stream *stream)
{
    (void)shutdown(stream->fd, SHUT_WR);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct http_stream *stream = arg;

    (void)fd;
    stream->entered = true;
    if ((what & EV_WRITE) != 0)
        on_writable(stream);
    if ((what & EV_READ) != 0 && !stream->freed)
        on_readable(stream);
    stream->entered = false;
    if (stream->freed)
        free(stream);
    else
        watch(stream);
}

struct http_stream *http_stream_new(struct loop *loop, int fd,
                                    const struct http_stream_events *events)
{
    struct http_stream *stream = xcalloc(1, sizeof(*stream));
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    stream->events = *events;
    stream->fd = fd;
    stream->event = event_new(loop_base(loop), fd, EV_PERSIST, on_ready, stream);
    assert(stream->event != NULL);
    buffer_init(&stream->unsent, UNSENT_MAX);
    watch(stream);
    return stream;
}

void http_stream_rebind(struct http_stream *stream, const struct http_stream_events *events)
{
    stream->events = *events;
}

void http_stream_free(struct http_stream *stream)
{
    stream->input = slice_make(NULL, 0);
    free(stream->kept);
    stream->kept = NULL;
    buffer_clear(&stream->unsent);
    event_free(stream->event);
    (void)close(stream->fd);
    if (stream->entered)
        stream->freed = true;
    else
        free(stream);
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
