/* reelq-delay PATH MS - a TCP port before the unix socket of a Redis, as far away as MS
 * milliseconds each way. Logs "listening listener=delay address=HOST:PORT". */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/error.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http_acceptor.h"

struct delay {
    struct event_base *base;
    struct sockaddr_un redis;
    const struct timeval *span; /* a common timeout: those of one span end in their order */
};

/* Both ends of one connection; a half is freed with the whole. */
struct link {
    struct delay *delay;
    struct bufferevent *ends[2]; /* the program's, that of Redis */
    unsigned under_way;          /* parcels */
    bool closed;
};

/* What was read at once, until it is time to write it. */
struct parcel {
    struct link *link;
    unsigned to; /* which end */
    struct evbuffer *bytes;
};

static void free_when_done(struct link *link)
{
    if (!link->closed || link->under_way > 0)
        return;
    bufferevent_free(link->ends[0]);
    bufferevent_free(link->ends[1]);
    free(link);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    struct parcel *parcel = arg;
    struct link *link = parcel->link;

    (void)fd;
    (void)what;
    if (!link->closed)
        (void)bufferevent_write_buffer(link->ends[parcel->to], parcel->bytes);
    evbuffer_free(parcel->bytes);
    free(parcel);
    link->under_way--;
    free_when_done(link);
}

static void on_read(struct bufferevent *end, void *arg)
{
    struct link *link = arg;
    struct parcel *parcel = xcalloc(1, sizeof(*parcel));

    *parcel = (struct parcel){link, end == link->ends[0] ? 1 : 0, evbuffer_new()};
    (void)evbuffer_add_buffer(parcel->bytes, bufferevent_get_input(end));
    link->under_way++;
    (void)event_base_once(link->delay->base, -1, EV_TIMEOUT, on_due, parcel, link->delay->span);
}

static void on_event(struct bufferevent *end, short what, void *arg)
{
    struct link *link = arg;

    (void)end;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0 || link->closed)
        return;
    link->closed = true;
    (void)bufferevent_disable(link->ends[0], EV_READ | EV_WRITE);
    (void)bufferevent_disable(link->ends[1], EV_READ | EV_WRITE);
    free_when_done(link);
}

static void on_accept(int fd, const struct sockaddr *name, void *arg)
{
    struct delay *delay = arg;
    struct link *link = xcalloc(1, sizeof(*link));
    int on = 1;

    (void)name;
    /* Else the kernel holds small replies back until the ones before are acknowledged: 40 ms. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    link->delay = delay;
    link->ends[0] = bufferevent_socket_new(delay->base, fd, BEV_OPT_CLOSE_ON_FREE);
    link->ends[1] = bufferevent_socket_new(delay->base, -1, BEV_OPT_CLOSE_ON_FREE);
    for (int i = 0; i < 2; i++) {
        bufferevent_setcb(link->ends[i], on_read, NULL, on_event, link);
        (void)bufferevent_enable(link->ends[i], EV_READ | EV_WRITE);
    }
    (void)bufferevent_socket_connect(link->ends[1], (struct sockaddr *)&delay->redis,
                                     sizeof(delay->redis));
}

int main(int count, char **arguments)
{
    /* Else libevent rounds up to whole milliseconds, and 1 is nearly 2. */
    (void)setenv("EVENT_PRECISE_TIMER", "1", 1);
    struct loop *loop = loop_new();
    struct delay delay = {.base = loop_base(loop), .redis.sun_family = AF_UNIX};
    struct http_acceptor_options options = {
        .loop = loop, .listen = "127.0.0.1:0", .fn = on_accept, .arg = &delay};
    struct error error;

    if (count != 3 || strlen(arguments[1]) >= sizeof(delay.redis.sun_path)) {
        (void)fprintf(stderr, "usage: reelq-delay PATH MS\n");
        return EXIT_FAILURE;
    }
    memcpy(delay.redis.sun_path, arguments[1], strlen(arguments[1]) + 1);
    long ms = strtol(arguments[2], NULL, 10);
    struct timeval span = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    delay.span = event_base_init_common_timeout(delay.base, &span);
    struct http_acceptor *acceptor = http_acceptor_new(&options, &error);
    if (acceptor == NULL) {
        (void)fprintf(stderr, "reelq-delay: %s\n", error.text);
        return EXIT_FAILURE;
    }
    log_info("listening", "listener=delay address=%s", http_acceptor_address(acceptor));
    loop_run(loop);
    return EXIT_SUCCESS;
}
