/* scripted_api - an HTTP server on the loop of the test that does to the n-th request what the n-th
 * step says, and keeps the last request. */
#ifndef REELQ_TESTS_SCRIPTED_API_H
#define REELQ_TESTS_SCRIPTED_API_H

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "net/loop.h"

enum { SCRIPTED_API_PEERS = 16, SCRIPTED_API_REQUEST_MAX = 4096 };

/* What is done once a request has been read to its end. */
enum scripted_act {
    SCRIPTED_REPLY,
    SCRIPTED_REPLY_CLOSE,
    SCRIPTED_RESET,
    SCRIPTED_HANG /* nothing, and the connection stays */
};

struct scripted_step {
    enum scripted_act act;
    const char *reply; /* as it goes over the wire, NUL-terminated */
};

struct scripted_api {
    struct loop *loop;
    struct evconnlistener *listener;
    const struct scripted_step *steps;
    size_t step_count;
    unsigned accepted;                   /* connections so far, at most SCRIPTED_API_PEERS */
    unsigned requests;                   /* so far, over all connections */
    char last[SCRIPTED_API_REQUEST_MAX]; /* the last request, head and body */
    char url[64];                        /* http://127.0.0.1:PORT */
    struct bufferevent *peers[SCRIPTED_API_PEERS];
};

/* Listens on a port of the system's choice. The steps are borrowed; the last one is repeated. */
void scripted_api_start(struct scripted_api *api, struct loop *loop,
                        const struct scripted_step *steps, size_t count);

/* Closes the listener: a later connection is refused. The open ones stay. */
void scripted_api_refuse(struct scripted_api *api);

/* Closes all. A zeroed one may be stopped. */
void scripted_api_stop(struct scripted_api *api);

#endif
