/* server - the HTTP listener and the exchanges that are under way. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "exchange.h"

struct evhttp;

struct server {
    struct sandbox *sandbox;
    struct evhttp *http;
    struct exchange_list exchanges;
};

/* Listens where the options say and writes the address to sandbox->address. After false nothing
 * needs clearing. */
MUST_USE bool server_init(struct server *server, struct sandbox *sandbox, struct error *error);

/* Closes the listener and all connections. */
void server_clear(struct server *server);

#endif
