#include "support/scripted_api.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void forget(struct scripted_api *api, struct bufferevent *peer, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    for (size_t i = 0; i < COUNT(api->peers); i++) {
        if (api->peers[i] == peer) {
            api->peers[i] = NULL;
        }
    }
    if (reset) {
        setsockopt(bufferevent_getfd(peer), SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
    bufferevent_free(peer);
}

static void on_peer_gone(struct bufferevent *peer, short what, void *arg)
{
    (void)what;
    forget(arg, peer, false);
}

static void on_reply_written(struct bufferevent *peer, void *arg)
{
    forget(arg, peer, false);
}

static void act(struct scripted_api *api, struct bufferevent *peer)
{
    size_t last = api->step_count - 1;
    const struct scripted_step *step = &api->steps[api->requests < last ? api->requests : last];

    api->requests++;
    if (step->act == SCRIPTED_RESET ||
        (step->act == SCRIPTED_REPLY_CLOSE && step->reply[0] == '\0')) {
        forget(api, peer, step->act == SCRIPTED_RESET);
        return;
    }
    if (step->act == SCRIPTED_HANG) {
        return;
    }
    if (step->act == SCRIPTED_REPLY_CLOSE) {
        bufferevent_setcb(peer, NULL, on_reply_written, on_peer_gone, api);
    }
    bufferevent_write(peer, step->reply, strlen(step->reply));
}

/* Waits for the whole head and Content-Length bytes after it. */
static void on_request(struct bufferevent *peer, void *arg)
{
    struct scripted_api *api = arg;
    struct evbuffer *input = bufferevent_get_input(peer);
    size_t length = evbuffer_get_length(input);
    char text[sizeof(api->last)];
    const char *end, *field;

    assert(length < sizeof(text));
    evbuffer_copyout(input, text, length);
    text[length] = '\0';
    end = strstr(text, "\r\n\r\n");
    field = strstr(text, "Content-Length: ");
    if (end == NULL ||
        length < (size_t)(end + 4 - text) + (field ? strtoul(field + 16, NULL, 10) : 0)) {
        return;
    }
    evbuffer_drain(input, length);
    memcpy(api->last, text, length + 1);
    act(api, peer);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg)
{
    struct scripted_api *api = arg;
    struct bufferevent *peer =
        bufferevent_socket_new(loop_base(api->loop), fd, BEV_OPT_CLOSE_ON_FREE);

    (void)listener;
    (void)address;
    (void)length;
    assert(api->accepted < COUNT(api->peers));
    api->peers[api->accepted++] = peer;
    bufferevent_setcb(peer, on_request, NULL, on_peer_gone, api);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
}

void scripted_api_start(struct scripted_api *api, struct loop *loop,
                        const struct scripted_step *steps, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);

    api->loop = loop;
    api->steps = steps;
    api->step_count = count;
    api->listener = evconnlistener_new_bind(loop_base(api->loop), on_accept, api,
                                            LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
                                            (struct sockaddr *)&address, (int)sizeof(address));
    assert(api->listener != NULL);
    getsockname(evconnlistener_get_fd(api->listener), (struct sockaddr *)&address, &length);
    (void)snprintf(api->url, sizeof(api->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
}

void scripted_api_refuse(struct scripted_api *api)
{
    if (api->listener != NULL) {
        evconnlistener_free(api->listener);
        api->listener = NULL;
    }
}

void scripted_api_stop(struct scripted_api *api)
{
    for (size_t i = 0; i < COUNT(api->peers); i++) {
        if (api->peers[i] != NULL) {
            bufferevent_free(api->peers[i]);
        }
    }
    scripted_api_refuse(api);
}
