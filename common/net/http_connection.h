/* http_connection - one client of an HTTP listener, from accept to the last byte.
 *   reading (head, gate, body) -> awaiting the reply -> flushing it -> reading the next request
 *                                                                   -> lingering -> closed */
#ifndef REELQ_HTTP_CONNECTION_H
#define REELQ_HTTP_CONNECTION_H

#include <sys/queue.h>

#include "net/http_reader_pool.h"
#include "net/http_server.h"
#include "net/http_timing.h"
#include "net/peer_limit.h"

struct http_connection;
struct http_push;

/* A socket that was accepted. */
struct http_arrival {
    int fd;
    bool over_capacity; /* answered 503 at once */
    struct peer peer;
    const struct sockaddr *name;
};

TAILQ_HEAD(http_connections, http_connection);
TAILQ_HEAD(http_pushes, http_push);

/* What the connections of one listener share; it outlives their sockets, but not their requests. */
struct http_service {
    struct http_server_options options;
    struct http_timing timing;
    bool draining;
    uint64_t answers;                /* sent so far */
    struct buffer scratch;           /* for the answer that is being made */
    struct http_reader_pool readers; /* for the requests under way */
    struct http_connections waiting; /* for their clients; who has waited longest comes first */
    struct http_connections others;  /* those whose request is in work, or that were turned away */
    struct http_pushes pushes;       /* answers that go on */
    void (*on_closed)(const struct http_arrival *arrival, void *arg); /* `name` is NULL then */
    void *arg;
};

/* Takes the socket over. Callbacks of the service come from the loop; on_closed exactly once. */
void http_connection_open(struct http_service *service, const struct http_arrival *arrival);

/* Closes those that were answered, and of whose next request no byte has arrived. A new one keeps
 * its time for the first. */
void http_connection_close_idle(struct http_service *service);

/* Makes room: closes one that lingers, or else the one that has waited longest for its client,
 * where time counts from its accept or its last answer, whatever it has sent since. False when none
 * waits. */
bool http_connection_close_longest(struct http_service *service);

/* Closes all at once. Requests not yet replied to stay valid for http_reply(). */
void http_connection_close_all(struct http_service *service);

#endif
