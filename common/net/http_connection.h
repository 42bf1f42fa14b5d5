/* http_connection - one client of an HTTP listener, from accept to the last byte.
 *   reading (head, gate, body) -> awaiting the reply -> flushing it -> reading the next request
 *                                                                   -> lingering -> closed */
#ifndef REELQ_HTTP_CONNECTION_H
#define REELQ_HTTP_CONNECTION_H

#include "net/http_server.h"
#include "net/http_timing.h"
#include "net/peer_limit.h"

struct http_connection;

/* A socket that was accepted. */
struct http_arrival {
    int fd;
    bool over_capacity; /* answered 503 at once */
    struct peer peer;
    const struct sockaddr *name;
};

/* What the connections of one listener share; it outlives their sockets, but not their requests. */
struct http_service {
    struct http_server_options options;
    struct http_timing timing;
    bool draining;
    uint64_t answers;              /* sent so far */
    struct buffer scratch;         /* for the answer that is being made */
    struct http_connection *first; /* all open connections */
    void (*on_closed)(const struct http_arrival *arrival, void *arg); /* `name` is NULL then */
    void *arg;
};

/* Takes the socket over. Callbacks of the service come from the loop; on_closed exactly once. */
void http_connection_open(struct http_service *service, const struct http_arrival *arrival);

/* Closes those that wait for a request of which no byte has arrived. */
void http_connection_close_idle(struct http_service *service);

/* Closes all at once. Requests not yet replied to stay valid for http_reply(). */
void http_connection_close_all(struct http_service *service);

#endif
