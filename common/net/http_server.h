/* http_server - listener and connections around http_reader: deadlines, caps, keep-alive.
 * accept -> head -> gate (the route decides before the body is read) -> body -> handle -> reply. */
#ifndef REELQ_HTTP_SERVER_H
#define REELQ_HTTP_SERVER_H

#include "base/buffer.h"
#include "base/error.h"
#include "net/loop.h"

struct http_server;
struct http_timing;  /* http_timing.h */
struct http_request; /* lives until it was replied to */

/* What the route may look at, valid until http_reply() returns; `fields` is for http_field.h. */
struct http_view {
    struct slice method, path, query, fields, body;
    const char *peer; /* address for the log */
};

enum http_verdict { HTTP_UNKNOWN_ROUTE, HTTP_WRONG_METHOD, HTTP_ADMIT };

/* Called when the head is complete and the body is not yet read (view.body is empty). HTTP_ADMIT
 * reads on; HTTP_UNKNOWN_ROUTE answers the one 404 there is, whatever else is wrong with the
 * request's method, length or type; HTTP_WRONG_METHOD answers 405 with `*allow`. */
typedef enum http_verdict (*http_gate_fn)(const struct http_view *view, const char **allow,
                                          void *arg);

/* Called with the whole request. It is answered by http_reply() (or http_push_begin()) exactly
 * once, now or later; the connection may be gone by then, which is harmless. */
typedef void (*http_handle_fn)(struct http_request *request, const struct http_view *view,
                               void *arg);

struct http_server_options {
    struct loop *loop;
    const char *listen; /* "HOST:PORT" (port 0: the system picks), "[::1]:PORT" or "unix:/path" */
    int socket;         /* as for http_acceptor */
    const char *name;   /* "public", "admin": in the log line "listening" */
    http_gate_fn gate;
    http_handle_fn handle;
    void *arg;
    size_t max_body;
    unsigned max_connections;    /* fewer when there are not the descriptors for it; when all are in
                                    use, who has kept the server waiting longest is closed */
    unsigned max_per_address;    /* 0: no cap; loopback, unix and trusted peers have none */
    const char *trusted_proxies; /* comma list of addresses or CIDR, "" for none */
    bool require_json_length;    /* callbacks: a body length must be given (411 otherwise) */
    const struct http_timing *timing; /* deadlines; NULL: the usual ones */
    const char *headers; /* further lines of each answer, with their CR LF; NULL: none */
};

/* Binds and listens at once (SO_REUSEPORT, backlog 1024) and logs "listening" with the real
 * address. NULL when it cannot; the error names the address and why. Options are copied. */
struct http_server *http_server_new(const struct http_server_options *options, struct error *error);

/* The address in use: "127.0.0.1:34567" or "unix:/path". */
const char *http_server_address(const struct http_server *server);

/* Stops accepting; connections end with their current or first request (Connection: close), those
 * between two at once. on_idle(arg) runs from the loop when the last one is gone. */
void http_server_drain(struct http_server *server, loop_fn on_idle, void *arg);

/* Closes everything; requests in work stay valid for http_reply(), which only frees them. NULL is
 * allowed. */
void http_server_free(struct http_server *server);

unsigned http_server_connections(const struct http_server *server); /* that are open */
uint64_t http_server_answers(const struct http_server *server);     /* given so far */

struct http_answer {
    int status;
    const char *content_type; /* NULL: text/plain */
    struct slice body;        /* copied */
    int retry_after_s;        /* 0: no such header */
};

/* Answers and forgets the request; `request` is invalid after. Status 404 without a type is always
 * the one 404 there is. No gate and no handler runs during the call. */
void http_reply(struct http_request *request, const struct http_answer *answer);

#endif
