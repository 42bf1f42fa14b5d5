#include "receiver.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"

#define MAX_RECEIVED 4096

struct receiver {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct event_base *event_base;
    struct evhttp *http;
    struct event *stop;
    int stop_ends[2]; /* closing the second one ends the thread */
    char base[64];
    unsigned bad;
    size_t count;
    struct {
        char *target;
        char *body;
        uint16_t peer_port;
        int64_t at_ms;
    } items[MAX_RECEIVED];
};

static void on_callback(struct evhttp_request *request, void *arg)
{
    struct receiver *receiver = arg;
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    char *host;
    pthread_mutex_lock(&receiver->lock);
    bool bad = receiver->bad > 0;
    receiver->bad -= bad ? 1 : 0;
    if (receiver->count < MAX_RECEIVED) {
        size_t at = receiver->count;
        receiver->items[at].target = xstrdup(evhttp_request_get_uri(request));
        receiver->items[at].body =
            slice_copy(slice_make(evbuffer_pullup(body, -1), evbuffer_get_length(body)));
        receiver->items[at].at_ms = clock_monotonic_ms();
        evhttp_connection_get_peer(evhttp_request_get_connection(request), &host,
                                   &receiver->items[at].peer_port);
        receiver->count++;
    }
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
    evhttp_send_reply(request, bad ? 500 : 200, NULL, NULL);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

static void *run(void *arg)
{
    struct receiver *receiver = arg;
    event_base_dispatch(receiver->event_base);
    return NULL;
}

static void note_base(struct receiver *receiver, struct evhttp_bound_socket *bound)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof(address);
    (void)getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &length);
    (void)snprintf(receiver->base, sizeof(receiver->base), "http://127.0.0.1:%u",
                   ntohs(address.sin_port));
}

struct receiver *receiver_new(unsigned bad)
{
    struct receiver *receiver = xcalloc(1, sizeof(*receiver));
    pthread_condattr_t attributes;
    receiver->bad = bad;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&receiver->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&receiver->lock, NULL);
    receiver->event_base = event_base_new();
    receiver->http = evhttp_new(receiver->event_base);
    evhttp_set_gencb(receiver->http, on_callback, receiver);
    note_base(receiver, evhttp_bind_socket_with_handle(receiver->http, "127.0.0.1", 0));
    if (pipe(receiver->stop_ends) != 0) {
        abort();
    }
    receiver->stop = event_new(receiver->event_base, receiver->stop_ends[0], EV_READ, on_stop,
                               receiver->event_base);
    event_add(receiver->stop, NULL);
    if (pthread_create(&receiver->thread, NULL, run, receiver) != 0) {
        abort();
    }
    return receiver;
}

void receiver_free(struct receiver *receiver)
{
    close(receiver->stop_ends[1]);
    pthread_join(receiver->thread, NULL);
    close(receiver->stop_ends[0]);
    event_free(receiver->stop);
    evhttp_free(receiver->http);
    event_base_free(receiver->event_base);
    for (size_t i = 0; i < receiver->count; i++) {
        free(receiver->items[i].target);
        free(receiver->items[i].body);
    }
    pthread_cond_destroy(&receiver->changed);
    pthread_mutex_destroy(&receiver->lock);
    free(receiver);
}

const char *receiver_base(const struct receiver *receiver)
{
    return receiver->base;
}

bool receiver_wait(struct receiver *receiver, size_t count, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int failure = 0;
    pthread_mutex_lock(&receiver->lock);
    while (receiver->count < count && failure == 0) {
        failure = pthread_cond_timedwait(&receiver->changed, &receiver->lock, &until);
    }
    bool reached = receiver->count >= count;
    pthread_mutex_unlock(&receiver->lock);
    return reached;
}

size_t receiver_count(struct receiver *receiver)
{
    pthread_mutex_lock(&receiver->lock);
    size_t count = receiver->count;
    pthread_mutex_unlock(&receiver->lock);
    return count;
}

struct received receiver_get(struct receiver *receiver, size_t index)
{
    struct received received = {.target = "", .body = ""};
    pthread_mutex_lock(&receiver->lock);
    if (index < receiver->count) {
        received.target = receiver->items[index].target;
        received.body = receiver->items[index].body;
        received.peer_port = receiver->items[index].peer_port;
        received.at_ms = receiver->items[index].at_ms;
    }
    pthread_mutex_unlock(&receiver->lock);
    return received;
}
