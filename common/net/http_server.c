#include "net/http_server.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http_acceptor.h"
#include "net/http_capacity.h"
#include "net/http_connection.h"
#include "net/http_push.h"
#include "net/peer_limit.h"

/* Connections over the cap that are told so; those over this are cut without a word. */
enum { MAX_TURNED_AWAY = 64, ANSWER_MAX = 16 * 1024 * 1024, WARN_INTERVAL_MS = 10000 };

struct http_server {
    struct http_service service;
    struct http_acceptor *acceptor;
    struct peer_limit *peers;
    unsigned connections;
    unsigned turned_away;
    int64_t warn_after_ms; /* monotonic: no second warning before */
    struct loop_timer idle;
    loop_fn on_idle;
    void *idle_arg;
};

/* --- connections ------------------------------------------------------------------------------ */

static void warn_of_capacity(struct http_server *server)
{
    if (!log_is_due(&server->warn_after_ms, WARN_INTERVAL_MS))
        return;
    log_warn("connections-at-capacity", "listener=%s connections=%u", server->service.options.name,
             server->connections);
}

static void turn_away(struct http_server *server, struct http_arrival *arrival)
{
    warn_of_capacity(server);
    if (server->turned_away >= MAX_TURNED_AWAY) {
        (void)close(arrival->fd);
        return;
    }
    server->turned_away++;
    arrival->over_capacity = true;
    http_connection_open(&server->service, arrival);
}

/* Under a flood somebody must go. It is who has kept us waiting longest: a client that means it has
 * its request on the way when it connects. */
static bool make_room(struct http_server *server)
{
    if (server->connections < server->service.options.max_connections)
        return true;
    warn_of_capacity(server);
    return http_connection_close_longest(&server->service);
}

static void on_accept(int fd, const struct sockaddr *name, void *arg)
{
    struct http_server *server = arg;
    struct http_arrival arrival = {.fd = fd, .name = name};

    bool entered = peer_limit_enter(server->peers, name, &arrival.peer);
    if (!entered || !make_room(server)) {
        if (entered)
            peer_limit_leave(server->peers, &arrival.peer);
        turn_away(server, &arrival);
        return;
    }
    server->connections++;
    http_connection_open(&server->service, &arrival);
}

static void look_whether_idle(struct http_server *server)
{
    if (server->on_idle != NULL && server->connections + server->turned_away == 0)
        loop_timer_start(&server->idle, 0);
}

static void on_closed(const struct http_arrival *arrival, void *arg)
{
    struct http_server *server = arg;

    if (arrival->over_capacity) {
        server->turned_away--;
    } else {
        server->connections--;
        peer_limit_leave(server->peers, &arrival->peer);
    }
    look_whether_idle(server);
}

static void on_idle(void *arg)
{
    struct http_server *server = arg;
    loop_fn fn = server->on_idle;

    server->on_idle = NULL;
    fn(server->idle_arg);
}

/* --- life ------------------------------------------------------------------------------------- */

static void init_service(struct http_service *service, const struct http_server_options *options)
{
    service->options = *options;
    service->options.max_connections = http_capacity(options->name, options->max_connections);
    service->timing = options->timing == NULL ? http_timing_default : *options->timing;
    buffer_init(&service->scratch, ANSWER_MAX);
    http_reader_pool_init(&service->readers, options->max_body);
    TAILQ_INIT(&service->waiting);
    TAILQ_INIT(&service->others);
    TAILQ_INIT(&service->pushes);
    service->on_closed = on_closed;
}

struct http_server *http_server_new(const struct http_server_options *options, struct error *error)
{
    struct http_server *server = xcalloc(1, sizeof(*server));
    struct http_acceptor_options listening = {.loop = options->loop,
                                              .listen = options->listen,
                                              .socket = options->socket,
                                              .fn = on_accept,
                                              .arg = server};

    init_service(&server->service, options);
    server->service.arg = server;
    loop_timer_init(&server->idle, options->loop, on_idle, server);
    server->peers = peer_limit_new(options->max_per_address, options->trusted_proxies, error);
    if (server->peers == NULL)
        goto fail;
    server->acceptor = http_acceptor_new(&listening, error);
    if (server->acceptor == NULL)
        goto fail;
    log_info("listening", "listener=%s address=%s", options->name, http_server_address(server));
    return server;
fail:
    http_server_free(server);
    return NULL;
}

const char *http_server_address(const struct http_server *server)
{
    return http_acceptor_address(server->acceptor);
}

void http_server_drain(struct http_server *server, loop_fn fn, void *arg)
{
    http_acceptor_stop(server->acceptor);
    server->on_idle = fn;
    server->idle_arg = arg;
    server->service.draining = true;
    http_connection_close_idle(&server->service);
    http_push_end_all(&server->service);
    look_whether_idle(server);
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    server->on_idle = NULL;
    http_acceptor_free(server->acceptor);
    http_connection_close_all(&server->service);
    peer_limit_free(server->peers);
    loop_timer_clear(&server->idle);
    buffer_clear(&server->service.scratch);
    http_reader_pool_clear(&server->service.readers);
    free(server);
}

unsigned http_server_connections(const struct http_server *server)
{
    return server->connections;
}

uint64_t http_server_answers(const struct http_server *server)
{
    return server->service.answers;
}
