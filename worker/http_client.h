/* http_client - requests to one API over libcurl's multi interface on the event loop.
 * Connections are kept alive and reused. Redirects are not followed, proxies of the environment are
 * not used, nor is ~/.netrc; certificates are always checked, only http and https are spoken. */
#ifndef REELQ_HTTP_CLIENT_H
#define REELQ_HTTP_CLIENT_H

#include "base/metrics.h"
#include "net/loop.h"

struct http_client;
struct http_call; /* one request under way */

enum http_end {
    HTTP_REPLIED,  /* a whole reply: status, headers of interest, body */
    HTTP_NOT_SENT, /* could not resolve, connect or agree on TLS: nothing reached the API */
    HTTP_TOO_LATE, /* send_before_ms was over before there was a connection: nothing reached it */
    HTTP_UNKNOWN,  /* sent at least in part, then a timeout, a reset, a cut or oversized reply */
    HTTP_CANCELLED /* http_client_free() */
};

/* Slices and text are valid during the callback. */
struct http_result {
    enum http_end end;
    int status;             /* HTTP_REPLIED only */
    int64_t retry_after_ms; /* from Retry-After in seconds or as a date; -1 without one */
    struct slice body;
    const char *error; /* for the other ends: a few words, without the URL's query */
};

typedef void (*http_done_fn)(const struct http_result *result, void *arg);

struct http_client_options {
    struct loop *loop;
    const char *token;      /* sent as x-access-token where `authorized`; copied */
    const char *user_agent; /* "reelq/0.1.0"; also sent as x-videodb-client */
    int64_t timeout_ms;     /* for a whole call; connecting at most 3 s of it */
    size_t max_body;        /* a larger reply is HTTP_UNKNOWN */
    unsigned max_connections;
    bool guarded; /* calls that are not `authorized` connect to public addresses only: http_reach.h;
                     to others they are HTTP_NOT_SENT */
};

/* Borrowed for the call of http_client_send(), copied where needed. */
struct http_call_request {
    const char *method;        /* GET, POST, DELETE */
    const char *url;           /* absolute */
    struct slice body;         /* JSON for POST, empty otherwise */
    bool authorized;           /* send the token */
    int64_t send_before_ms;    /* monotonic; later nothing is sent: HTTP_TOO_LATE; 0: no limit */
    struct histogram *seconds; /* gets how long it took when it was sent, from the turn for a
                                  connection on; NULL: not measured */
};

/* Dies when libcurl cannot be initialised. */
struct http_client *http_client_new(const struct http_client_options *options);

/* Ends every call with HTTP_CANCELLED before it returns. NULL is allowed. */
void http_client_free(struct http_client *client);

/* done(result, arg) runs exactly once, from the loop, never from this call. The handle is good for
 * http_client_cancel() until then. */
struct http_call *http_client_send(struct http_client *client,
                                   const struct http_call_request *request, http_done_fn done,
                                   void *arg);

/* True while it waits for one of max_connections: nothing of it was sent. */
bool http_client_waits(const struct http_call *call);

/* Drops the transfer: done is not called. */
void http_client_cancel(struct http_call *call);

#endif
