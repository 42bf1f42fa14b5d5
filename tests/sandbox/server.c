#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG     1024
#define MAX_HEADERS (64 << 10)
#define MAX_BODY    (256 << 20)
#define METHODS                                                                                    \
    (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |    \
     EVHTTP_REQ_HEAD | EVHTTP_REQ_OPTIONS)

static void on_request(struct evhttp_request *request, void *arg)
{
    exchange_start(arg, request);
}

static struct evconnlistener *listen_at(struct event_base *base, const struct addrinfo *info)
{
    return evconnlistener_new_bind(
        base, NULL, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
        BACKLOG, info->ai_addr, (int)info->ai_addrlen);
}

static struct evconnlistener *open_listener(struct sandbox *sandbox, struct error *error)
{
    const struct options *options = sandbox->options;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const char *host = options->host[0] == '\0' ? NULL : options->host;
    int failure = getaddrinfo(host, options->port, &hints, &found);
    if (failure != 0) {
        error_set(error, "--listen %s:%s: %s", options->host, options->port, gai_strerror(failure));
        return NULL;
    }
    struct evconnlistener *listener = NULL;
    for (struct addrinfo *info = found; info != NULL && listener == NULL; info = info->ai_next) {
        listener = listen_at(sandbox->base, info);
    }
    if (listener == NULL) {
        error_set(error, "--listen %s:%s: %s", options->host, options->port, strerror(errno));
    }
    freeaddrinfo(found);
    return listener;
}

static void note_address(struct sandbox *sandbox, struct evconnlistener *listener)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    char host[NI_MAXHOST] = "?";
    char port[NI_MAXSERV] = "?";
    (void)getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &length);
    (void)getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    bool six = strchr(host, ':') != NULL;
    (void)snprintf(sandbox->address, sizeof(sandbox->address), "%s%.80s%s:%.8s", six ? "[" : "",
                   host, six ? "]" : "", port);
}

bool server_init(struct server *server, struct sandbox *sandbox, struct error *error)
{
    *server = (struct server){.sandbox = sandbox};
    TAILQ_INIT(&server->exchanges);
    struct evconnlistener *listener = open_listener(sandbox, error);
    if (listener == NULL) {
        return false;
    }
    note_address(sandbox, listener);
    server->http = evhttp_new(sandbox->base);
    evhttp_set_allowed_methods(server->http, METHODS);
    evhttp_set_max_headers_size(server->http, MAX_HEADERS);
    evhttp_set_max_body_size(server->http, MAX_BODY);
    evhttp_set_gencb(server->http, on_request, server);
    (void)evhttp_bind_listener(server->http, listener);
    return true;
}

void server_clear(struct server *server)
{
    struct exchange *exchange = TAILQ_FIRST(&server->exchanges);
    while (exchange != NULL) {
        exchange_abandon(exchange);
        exchange = TAILQ_FIRST(&server->exchanges);
    }
    evhttp_free(server->http);
}
