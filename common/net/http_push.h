/* http_push - an answer whose body goes on until one side ends it: server-sent events.
 *   handler -> http_push_begin -> http_push_send ... -> http_push_end, or on_gone
 * The connection counts among those of its server, and ends with the answer. No deadline of a
 * request holds for it, and nobody makes room by closing it. */
#ifndef REELQ_HTTP_PUSH_H
#define REELQ_HTTP_PUSH_H

#include "net/http_server.h"

struct http_push;
struct http_service;

struct http_push_options {
    const char *content_type;
    size_t max_unsent; /* a client that leaves more than so many bytes lying is gone */
    /* The client has closed, or is too slow, or the server drains or is freed: the push is invalid
     * from here on. Not from within begin, send or end. */
    loop_fn on_gone;
    void *arg;
};

/* In place of http_reply(): answers 200, and forgets the request. NULL when the client is gone;
 * then on_gone does not come. */
struct http_push *http_push_begin(struct http_request *request,
                                  const struct http_push_options *options);

/* The bytes are copied; nothing is sent any more to who is too slow. */
void http_push_send(struct http_push *push, struct slice bytes);

/* Ends the answer and the connection; what was not sent is dropped. on_gone does not come. */
void http_push_end(struct http_push *push);

/* For http_server: ends those of a service; each gets its on_gone. */
void http_push_end_all(struct http_service *service);

#endif
