/* http_connection_state - what http_connection and http_push know of a connection, and nobody else.
 */
#ifndef REELQ_HTTP_CONNECTION_STATE_H
#define REELQ_HTTP_CONNECTION_STATE_H

#include "net/http_connection.h"
#include "net/http_stream.h"

enum phase { READING, AWAITING, FLUSHING, LINGERING, CLOSED };

struct http_request {
    struct http_connection *connection;
};

/* The memory lives until the socket is closed and the request in work was replied to: a late reply
 * always finds the connection, be it closed. */
struct http_connection {
    struct http_service *service; /* NULL when closed */
    TAILQ_ENTRY(http_connection) link;
    struct http_connections *list;
    struct http_stream *stream;
    struct http_reader *reader; /* of the request that is under way; NULL between two */
    struct http_request request;
    struct loop_timer timer;
    enum phase phase;
    enum http_wait wait; /* what the timer stands for */
    int64_t started_ms;  /* monotonic: when the request began */
    unsigned answers;
    size_t discarded_bytes;
    bool busy;    /* the handler has the request */
    bool driving; /* run() is on the stack */
    bool closing; /* the connection ends with the next answer */
    bool eof;     /* the client sends no more */
    struct http_arrival arrival;
    char peer_text[HTTP_STREAM_PEER_SIZE];
};

/* Ends the connection of a request in work without its socket, whose stream the caller gets; it
 * then owes the service its on_closed(). NULL when the client is gone. */
struct http_stream *http_connection_hand_over(struct http_connection *c);

#endif
