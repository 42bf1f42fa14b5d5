/* http_multi - libcurl says which sockets and which timeout it waits for; the loop says when one of
 * them has come:
 *   add -> { on_timeout_wanted, on_socket_wanted } -> { on_ready, on_timeout -> act -> drain } ->
 * done
 *
 * libcurl must not be entered again from its own callbacks: those only arm events, and even a
 * timeout of zero goes through the loop. */
#include "worker/http_multi.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"

/* One socket, from when libcurl first names it until it is closed and libcurl has taken the name
 * back, in either order. A kept connection is named for each transfer anew: its event stays in
 * between, which saves two system calls per transfer. What is no connection, the resolver's own
 * sockets, libcurl closes without a word: its event goes with the name. */
struct watch {
    LIST_ENTRY(watch) link;
    struct http_multi *multi;
    curl_socket_t fd;
    struct event *event;
    short events; /* that are waited for, 0 for none */
    bool named, open, kept;
};

struct http_multi {
    CURLM *curl;
    struct event_base *base;
    struct loop_timer timer;
    LIST_HEAD(, watch) watches;
    http_multi_done_fn done;
    void *arg;
    bool entered; /* drain is on the stack, and this memory is needed after it */
    bool freed;
};

static void on_ready(evutil_socket_t fd, short what, void *arg);

static void watch_free(struct watch *watch)
{
    LIST_REMOVE(watch, link);
    event_free(watch->event);
    free(watch);
}

static void watch_for(struct watch *watch, short events)
{
    if (events == watch->events)
        return;
    event_del(watch->event);
    if (events != 0) {
        event_assign(watch->event, watch->multi->base, watch->fd, (short)(events | EV_PERSIST),
                     on_ready, watch);
        event_add(watch->event, NULL);
    }
    watch->events = events;
}

/* Hands every ended transfer to its owner, who may free the multi handle meanwhile. */
static void drain(struct http_multi *multi)
{
    int left = 0;

    multi->entered = true;
    while (!multi->freed) {
        const CURLMsg *message = curl_multi_info_read(multi->curl, &left);
        if (message == NULL) {
            break;
        }
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* the message dies with the removal */
        curl_multi_remove_handle(multi->curl, easy);
        multi->done(easy, code, multi->arg);
    }
    multi->entered = false;
    if (multi->freed) {
        free(multi);
    }
}

static void act(struct http_multi *multi, curl_socket_t fd, int what)
{
    int running = 0;
    CURLMcode code = curl_multi_socket_action(multi->curl, fd, what, &running);

    assert(code == CURLM_OK);
    (void)code;
    drain(multi);
}

static int on_timeout_wanted(CURLM *curl, long ms, void *arg)
{
    struct http_multi *multi = arg;

    (void)curl;
    if (ms < 0) {
        loop_timer_stop(&multi->timer);
    } else {
        loop_timer_start(&multi->timer, ms);
    }
    return 0;
}

/* What comes when nobody waits for it, most often the end of the connection, is found by libcurl
 * before it uses the connection again. */
static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct watch *watch = arg;
    int action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                 ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);

    if (watch->named)
        act(watch->multi, fd, action);
    else
        watch_for(watch, 0);
}

static struct watch *open_watch(const struct http_multi *multi, curl_socket_t fd)
{
    struct watch *watch;

    LIST_FOREACH(watch, &multi->watches, link)
    {
        if (watch->open && watch->fd == fd)
            return watch;
    }
    return NULL;
}

static bool is_connection(curl_socket_t fd)
{
    int domain = 0;
    socklen_t length = sizeof(domain);

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
           (domain == AF_INET || domain == AF_INET6);
}

static struct watch *watch_new(struct http_multi *multi, curl_socket_t fd)
{
    struct watch *watch = xcalloc(1, sizeof(*watch));

    watch->multi = multi;
    watch->fd = fd;
    watch->open = true;
    watch->kept = is_connection(fd);
    watch->event = event_new(multi->base, fd, 0, on_ready, watch);
    assert(watch->event != NULL);
    LIST_INSERT_HEAD(&multi->watches, watch, link);
    return watch;
}

static void on_named(struct http_multi *multi, curl_socket_t fd, int what)
{
    struct watch *watch = open_watch(multi, fd);
    int events =
        ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) | ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0);

    if (watch == NULL)
        watch = watch_new(multi, fd);
    watch->named = true;
    curl_multi_assign(multi->curl, fd, watch);
    watch_for(watch, (short)events);
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct watch *watch = socket_arg;

    (void)easy;
    if (what != CURL_POLL_REMOVE) {
        on_named(arg, fd, what);
    } else if (watch != NULL) {
        watch->named = false;
        if (!watch->open || !watch->kept)
            watch_free(watch);
    }
    return 0;
}

static void on_timeout(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* Some versions take the name of a socket back only after closing it, when its number may already
 * stand for another one: so its event goes before the close. */
static int on_close(void *arg, curl_socket_t fd)
{
    struct watch *watch = open_watch(arg, fd);

    if (watch != NULL) {
        watch_for(watch, 0);
        watch->open = false;
        if (!watch->named)
            watch_free(watch);
    }
    return close(fd);
}

struct http_multi *http_multi_new(const struct http_multi_options *options)
{
    struct http_multi *multi = xcalloc(1, sizeof(*multi));

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        log_die("cannot initialise libcurl");
    }
    multi->curl = curl_multi_init();
    if (multi->curl == NULL) {
        log_die("cannot initialise libcurl");
    }
    multi->base = loop_base(options->loop);
    multi->done = options->done;
    multi->arg = options->arg;
    LIST_INIT(&multi->watches);
    loop_timer_init(&multi->timer, options->loop, on_timeout, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)options->max_idle);
    return multi;
}

void http_multi_free(struct http_multi *multi)
{
    if (multi == NULL) {
        return;
    }
    curl_multi_cleanup(multi->curl); /* closes sockets, and says so */
    while (!LIST_EMPTY(&multi->watches)) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed has left the list */
        watch_free(LIST_FIRST(&multi->watches));
    }
    loop_timer_clear(&multi->timer);
    curl_global_cleanup();
    if (multi->entered) {
        multi->freed = true;
        return;
    }
    free(multi);
}

void http_multi_add(struct http_multi *multi, CURL *easy)
{
    CURLMcode code;

    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, multi);
    code = curl_multi_add_handle(multi->curl, easy);
    assert(code == CURLM_OK);
    (void)code;
}

void http_multi_remove(struct http_multi *multi, CURL *easy)
{
    curl_multi_remove_handle(multi->curl, easy);
}
