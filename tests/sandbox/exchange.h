/* exchange - one HTTP request from arrival to the end of its reply, with its fault. */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include <sys/queue.h>

#include "base/json_read.h"
#include "reply.h"
#include "sandbox.h"

struct evhttp_request;
struct event;
struct route;
struct server;

#define EXCHANGE_ARGUMENTS 3

struct exchange {
    struct sandbox *sandbox;
    struct server *server;
    struct evhttp_request *request;
    const struct route *route;                  /* NULL: no such path */
    struct slice arguments[EXCHANGE_ARGUMENTS]; /* what stands for the {} of the route */
    struct slice query;                         /* without '?'; may be empty */
    struct slice body;
    struct json json; /* of the body, after exchange_json */
    bool has_json;
    struct fault_decision fault;
    bool held; /* the reply waits for exchange_release */
    struct reply reply;
    struct event *timer;
    void (*next)(struct exchange *exchange); /* what the timer does */
    TAILQ_ENTRY(exchange) link;
};

TAILQ_HEAD(exchange_list, exchange);

/* Takes the request in: journal, fault, then the handler, now or later. The exchange ends by
 * itself; it stands in the server's list while it lives. */
void exchange_start(struct server *server, struct evhttp_request *request);

/* Lets the reply of a held exchange go. */
void exchange_release(struct exchange *exchange);

/* At the very end: frees what is not the HTTP server's. */
void exchange_abandon(struct exchange *exchange);

/* Answers with one of VideoDB's own errors: HTTP 200 or `status`, as --business-errors says. */
void exchange_refuse(struct exchange *exchange, int status, const char *message);

/* Parses the body into exchange->json. False after answering 400 when it is no JSON object. */
bool exchange_json(struct exchange *exchange);

/* The text of a member of the body into *value, to be freed; NULL when missing or null. False after
 * answering 400 when it is something else. */
bool exchange_string(struct exchange *exchange, const char *key, char **value);

/* Decoded parameter of the query into fresh memory, "" when it is missing. */
char *exchange_query(const struct exchange *exchange, const char *name);

/* A request header, or NULL. */
const char *exchange_header(const struct exchange *exchange, const char *name);

/* "http://HOST" as the client called us; to be freed. */
char *exchange_base_url(const struct exchange *exchange);

#endif
