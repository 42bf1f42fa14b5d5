#include "net/http_acceptor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/slice.h"
#include "base/xalloc.h"
#include "net/listen_address.h"

/* Connections per wake-up, so that those that are open get their turn; and at the end at most. */
enum { BATCH = 64, LAST_BATCH = 1024, PAUSE_MS = 100, WARN_INTERVAL_MS = 10000 };

struct http_acceptor {
    struct http_acceptor_options options;
    int fd; /* -1 when stopped */
    /* Held back for the moment when descriptors run out: it makes room to take one connection and
     * close it, where the kernel would otherwise report it as waiting again and again. */
    int spare_fd;
    char *address;
    struct event *readable;
    struct loop_timer pause;
    int64_t warn_after_ms; /* monotonic: no second warning before */
};

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void shed_one(struct http_acceptor *acceptor)
{
    if (acceptor->spare_fd != -1)
        (void)close(acceptor->spare_fd);
    int fd = accept4(acceptor->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd != -1)
        (void)close(fd);
    acceptor->spare_fd = open_spare();
}

/* Not once per series: while connections come and go at the limit, every other one fails. */
static void warn_of_shortage(struct http_acceptor *acceptor, int why)
{
    if (!log_is_due(&acceptor->warn_after_ms, WARN_INTERVAL_MS))
        return;
    log_warn("accept-failed", "address=%s reason=%s", acceptor->address,
             log_quote_text(strerror(why)));
}

static void on_shortage(struct http_acceptor *acceptor, int why)
{
    warn_of_shortage(acceptor, why);
    if (why == EMFILE || why == ENFILE)
        shed_one(acceptor);
    (void)event_del(acceptor->readable);
    loop_timer_start(&acceptor->pause, PAUSE_MS);
}

/* False when nobody waits any more, or nobody can be taken. */
static bool accept_one(struct http_acceptor *acceptor)
{
    struct sockaddr_storage name = {.ss_family = AF_UNIX};
    socklen_t length = sizeof(name);

    int fd = accept4(acceptor->fd, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd != -1) {
        acceptor->options.fn(fd, (const struct sockaddr *)&name, acceptor->options.arg);
        return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return false;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        on_shortage(acceptor, errno);
        return false;
    }
    return true; // this one is gone again: the next
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct http_acceptor *acceptor = arg;

    (void)fd;
    (void)what;
    for (int i = 0; i < BATCH && accept_one(acceptor); i++)
        continue;
}

static void on_pause_over(void *arg)
{
    struct http_acceptor *acceptor = arg;

    (void)event_add(acceptor->readable, NULL);
}

static int open_listener(const char *text, struct error *error)
{
    struct listen_address address;

    if (!listen_address_parse(&address, text, error))
        return -1;
    int fd = listen_address_open(&address, error);
    listen_address_clear(&address);
    return fd;
}

struct http_acceptor *http_acceptor_new(const struct http_acceptor_options *options,
                                        struct error *error)
{
    int fd = options->socket > 0 ? options->socket : open_listener(options->listen, error);

    if (fd == -1)
        return NULL;
    struct http_acceptor *acceptor = xcalloc(1, sizeof(*acceptor));
    acceptor->options = *options;
    acceptor->fd = fd;
    acceptor->spare_fd = open_spare();
    acceptor->address = listen_address_of(fd);
    acceptor->readable =
        event_new(loop_base(options->loop), fd, EV_READ | EV_PERSIST, on_readable, acceptor);
    assert(acceptor->readable != NULL);
    (void)event_add(acceptor->readable, NULL);
    loop_timer_init(&acceptor->pause, options->loop, on_pause_over, acceptor);
    return acceptor;
}

static void close_listener(struct http_acceptor *acceptor)
{
    if (acceptor->fd == -1)
        return;
    event_free(acceptor->readable);
    loop_timer_clear(&acceptor->pause);
    if (acceptor->options.socket <= 0 && slice_starts_with(slice_text(acceptor->address), "unix:"))
        (void)unlink(acceptor->address + strlen("unix:"));
    (void)close(acceptor->fd);
    acceptor->fd = -1;
}

void http_acceptor_stop(struct http_acceptor *acceptor)
{
    int most = acceptor->options.socket > 0 ? 0 : LAST_BATCH;

    for (int i = 0; acceptor->fd != -1 && i < most && accept_one(acceptor); i++)
        continue;
    close_listener(acceptor);
}

void http_acceptor_free(struct http_acceptor *acceptor)
{
    if (acceptor == NULL)
        return;
    close_listener(acceptor);
    if (acceptor->spare_fd != -1)
        (void)close(acceptor->spare_fd);
    free(acceptor->address);
    free(acceptor);
}

const char *http_acceptor_address(const struct http_acceptor *acceptor)
{
    return acceptor->address;
}
