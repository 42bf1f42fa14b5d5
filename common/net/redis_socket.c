/* redis_socket - our own adapter between hiredis (0.14 and 1.x) and libevent.
 *   open -> on_connect [-> handshake] -> { send -> on_flush -> on_readable -> on_reply } -> die or
 * free
 *
 * The adapter that comes with hiredis asks for four epoll_ctl per round trip. Here the read event
 * is persistent, output is written by a deferred callback at the end of the loop turn, and the
 * write event is armed only while connecting and after a write that did not take everything.
 *
 * hiredis frees its context by itself after a failed connect and after any error. So the first sign
 * of an end (failed connect, NULL reply, disconnect) cuts all ties to the context, and what hiredis
 * calls after that finds nothing.
 *
 * redisAsyncConnect() resolves a host name with a blocking getaddrinfo(). That is quick for an
 * address, for localhost and for names in /etc/hosts; with another name the loop stands still for
 * as long as the resolver takes, once per attempt to connect. */
#include "net/redis_socket.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include "base/xalloc.h"

struct redis_socket {
    struct redisAsyncContext *context; /* NULL once hiredis is about to free it */
    const struct redis_socket_events *events;
    void *arg;
    const struct redis_url *url;
    struct ssl_st *tls; /* NULL: none */
    bool established;   /* TCP has a connection */
    bool answered;      /* Redis has said something */
    bool handshaking;   /* hiredis has its part after that */
    struct event *readable;
    struct event *writable;
    struct event *flush;
    bool read_armed;
    bool write_armed;
    bool flush_due;
    bool in_write; /* hiredis is writing: what it asks for is the rest of that write */
    bool entered;  /* a handler of hiredis is on the stack, and this memory is needed after it */
    bool freed;
};

/* A peer that vanished without a word is noticed within about 20 s when idle, 5 s when not. */
static const struct tcp_option {
    int level, name, value;
} tcp_options[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, 15}, {IPPROTO_TCP, TCP_KEEPINTVL, 5},
    {IPPROTO_TCP, TCP_KEEPCNT, 3},   {IPPROTO_TCP, TCP_USER_TIMEOUT, 5000},
};

static void set_socket_options(int fd, bool tcp)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    for (size_t i = 0; tcp && i < sizeof(tcp_options) / sizeof(tcp_options[0]); i++) {
        const struct tcp_option *option = &tcp_options[i];
        setsockopt(fd, option->level, option->name, &option->value, sizeof(option->value));
    }
}

/* Cuts every tie between hiredis' context and the socket. */
static void detach(struct redis_socket *socket)
{
    memset(&socket->context->ev, 0, sizeof(socket->context->ev));
    socket->context->data = NULL;
    socket->context = NULL;
    event_free(socket->readable);
    event_free(socket->writable);
    event_free(socket->flush);
}

/* A peer that hangs up on the first bytes may have wanted others. */
static const char *suspicion(const struct redis_socket *socket)
{
    bool early = socket->established && !socket->answered && socket->url->host[0] != '\0';

    if (!early)
        return "";
    return socket->tls != NULL ? "; Redis may want a client certificate"
                               : "; a TLS port wants rediss://";
}

/* OpenSSL knows better than hiredis what went wrong with TLS. */
static void explain(const struct redis_socket *socket, const char *why, struct error *out)
{
    const char *reason = socket->tls != NULL ? redis_tls_reason(socket->tls) : NULL;

    if (reason != NULL)
        error_set(out, "TLS: %s", reason);
    else
        error_set(out, "%s%s", why != NULL && why[0] != '\0' ? why : "connection closed",
                  suspicion(socket));
}

static void die(struct redis_socket *socket, const char *why)
{
    struct error text;

    explain(socket, why, &text);
    detach(socket);
    socket->events->on_lost(text.text, socket->arg);
}

/* The same while hiredis knows of no trouble, and does not free its context. */
static void give_up(struct redis_socket *socket, const char *why)
{
    struct redisAsyncContext *context = socket->context;

    detach(socket);
    socket->events->on_lost(why, socket->arg);
    redisAsyncFree(context);
}

/* What hiredis asks of an event library. */

static void hook_add_read(void *data)
{
    struct redis_socket *socket = data;

    if (!socket->read_armed) {
        socket->read_armed = true;
        event_add(socket->readable, NULL);
    }
}

static void hook_del_read(void *data)
{
    struct redis_socket *socket = data;

    socket->read_armed = false;
    event_del(socket->readable);
}

static void hook_add_write(void *data)
{
    struct redis_socket *socket = data;

    if (socket->write_armed || socket->flush_due) {
        return;
    }
    if (socket->in_write || (socket->context->c.flags & REDIS_CONNECTED) == 0) {
        socket->write_armed = true;
        event_add(socket->writable, NULL);
        return;
    }
    socket->flush_due = true;
    event_active(socket->flush, EV_WRITE, 0);
}

static void hook_del_write(void *data)
{
    struct redis_socket *socket = data;

    if (socket->write_armed) {
        socket->write_armed = false;
        event_del(socket->writable);
    }
}

/* What libevent and hiredis call. */

static void leave(struct redis_socket *socket)
{
    socket->entered = false;
    if (socket->freed) {
        free(socket);
    }
}

/* --- TLS: all of it is ours until the handshake is done --- */

static void await(struct redis_socket *socket, bool write)
{
    (write ? hook_add_write : hook_del_write)(socket);
    hook_add_read(socket);
}

static void shake_hands(struct redis_socket *socket)
{
    struct error error;
    enum redis_tls_step step = redis_tls_step(socket->tls, &error);

    if (step == REDIS_TLS_FAILED) {
        give_up(socket, error.text);
        return;
    }
    socket->in_write = true; /* the write event itself, and no flush */
    await(socket, step == REDIS_TLS_WRITE);
    socket->in_write = false;
    if (step == REDIS_TLS_DONE) {
        socket->handshaking = false;
        socket->events->on_connected(socket->arg);
    }
}

static void start_tls(struct redis_socket *socket)
{
    struct error error;

    socket->tls = redis_tls_start(socket->url->tls, &socket->context->c, socket->url->host, &error);
    if (socket->tls == NULL)
        give_up(socket, error.text);
    else
        shake_hands(socket);
}

/* --- what libevent calls --- */

static void handle(struct redis_socket *socket, void (*by_hiredis)(redisAsyncContext *context))
{
    if (socket->handshaking && socket->tls != NULL) {
        shake_hands(socket);
        return;
    }
    if (socket->tls != NULL)
        redis_tls_forget();
    by_hiredis(socket->context);
    if (socket->handshaking && socket->tls == NULL && socket->context != NULL)
        start_tls(socket);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct redis_socket *socket = arg;

    (void)fd;
    (void)what;
    socket->flush_due = false;
    socket->entered = true;
    socket->in_write = true;
    handle(socket, redisAsyncHandleWrite);
    socket->in_write = false;
    leave(socket);
}

static void on_connect(const struct redisAsyncContext *context, int status)
{
    struct redis_socket *socket = context->data;

    if (socket == NULL) {
        return;
    }
    if (status != REDIS_OK) {
        die(socket, context->c.errstr);
        return;
    }
    socket->established = true;
    if (socket->url->tls != NULL)
        socket->handshaking = true; /* when hiredis has returned: handle() */
    else
        socket->events->on_connected(socket->arg);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct redis_socket *socket = arg;

    (void)fd;
    (void)what;
    socket->entered = true;
    handle(socket, redisAsyncHandleRead);
    leave(socket);
}

static void on_reply(struct redisAsyncContext *context, void *reply, void *privdata)
{
    struct redis_socket *socket = context->data;

    (void)privdata;
    if (socket == NULL) {
        return;
    }
    if (reply == NULL) {
        die(socket, context->c.errstr);
        return;
    }
    socket->answered = true;
    socket->events->on_reply(reply, socket->arg);
}

static void on_disconnect(const struct redisAsyncContext *context, int status)
{
    struct redis_socket *socket = context->data;

    (void)status;
    if (socket != NULL) {
        die(socket, context->c.errstr);
    }
}

static void attach(struct redis_socket *socket, struct event_base *base)
{
    struct redisAsyncContext *context = socket->context;
    int fd = context->c.fd;

    socket->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, socket);
    socket->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, socket);
    socket->flush = event_new(base, -1, 0, on_writable, socket);
    assert(socket->readable != NULL && socket->writable != NULL && socket->flush != NULL);
    context->data = socket;
    context->ev.data = socket;
    context->ev.addRead = hook_add_read;
    context->ev.delRead = hook_del_read;
    context->ev.addWrite = hook_add_write;
    context->ev.delWrite = hook_del_write;
    redisAsyncSetDisconnectCallback(context, on_disconnect);
    redisAsyncSetConnectCallback(context, on_connect);
}

struct redis_socket *redis_socket_open(const struct redis_socket_options *options,
                                       struct error *error)
{
    const struct redis_url *url = options->url;
    bool tcp = url->path[0] == '\0';
    struct redisAsyncContext *context =
        tcp ? redisAsyncConnect(url->host, url->port) : redisAsyncConnectUnix(url->path);
    struct redis_socket *socket;

    assert(!url->secure || url->tls != NULL);
    if (context == NULL) {
        error_set(error, "cannot make a connection");
        return NULL;
    }
    if (context->err != 0) {
        error_set(error, "%s", context->errstr);
        redisAsyncFree(context);
        return NULL;
    }
    set_socket_options(context->c.fd, tcp);
    socket = xcalloc(1, sizeof(*socket));
    socket->context = context;
    socket->events = options->events;
    socket->arg = options->arg;
    socket->url = url;
    attach(socket, loop_base(options->loop));
    return socket;
}

void redis_socket_send(struct redis_socket *socket, struct slice resp)
{
    int status =
        redisAsyncFormattedCommand(socket->context, on_reply, NULL, resp.data, resp.length);

    assert(status == REDIS_OK);
    (void)status;
}

void redis_socket_free(struct redis_socket *socket)
{
    struct redisAsyncContext *context;

    if (socket == NULL) {
        return;
    }
    context = socket->context;
    if (context != NULL) {
        detach(socket);
        redisAsyncFree(context);
    }
    if (socket->entered) {
        socket->freed = true;
        return;
    }
    free(socket);
}
