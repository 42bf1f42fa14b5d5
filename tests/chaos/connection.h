/* connection - one connection to Redis that never waits: for a program that itself makes Redis
 * stand still. */
#ifndef REELQ_CHAOS_CONNECTION_H
#define REELQ_CHAOS_CONNECTION_H

#include <stdbool.h>

struct redisContext;
struct redisReply;

struct connection {
    const char *path; /* of the socket, borrowed */
    struct redisContext *context;
};

enum connection_result { CONNECTION_NOTHING, CONNECTION_REPLY, CONNECTION_LOST };

/* Connects where needed; false when that does not work at present. */
bool connection_open(struct connection *connection);

/* Queues a command (printf-like, as redisCommand()) of an open connection; connection_take() sends
 * it. */
void connection_send(struct connection *connection, const char *format, ...);

/* Sends what is queued, and takes the next reply if there is one; the caller frees it. After
 * CONNECTION_LOST it is closed, and all replies that were to come are lost. */
enum connection_result connection_take(struct connection *connection, struct redisReply **reply);

/* Sends what is queued as far as that goes at once. */
void connection_flush(struct connection *connection);

/* Closes it without looking at what has come. */
void connection_drop(struct connection *connection);

#endif
