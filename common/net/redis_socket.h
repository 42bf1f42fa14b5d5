/* redis_socket - one hiredis connection on the event loop, from connecting to its end; used once.
 */
#ifndef REELQ_REDIS_SOCKET_H
#define REELQ_REDIS_SOCKET_H

#include "base/error.h"
#include "base/slice.h"
#include "net/loop.h"
#include "net/redis_url.h"

struct redis_socket;
struct redisReply;

/* All are called from the loop. */
struct redis_socket_events {
    /* May send; must not free the socket. */
    void (*on_connected)(void *arg);
    /* One per command, in their order; `reply` is never NULL and valid during the call. */
    void (*on_reply)(const struct redisReply *reply, void *arg);
    /* At most once, and the last one: only redis_socket_free() may follow. */
    void (*on_lost)(const char *why, void *arg);
};

struct redis_socket_options {
    struct loop *loop;
    const struct redis_url *url; /* this and the next: borrowed for the socket's life */
    const struct redis_socket_events *events;
    void *arg;
};

/* Starts connecting. NULL and an error when that fails at once. */
struct redis_socket *redis_socket_open(const struct redis_socket_options *options,
                                       struct error *error);

/* Queues one command, complete in RESP; all of one loop turn leave in one write. Only between
 * on_connected and on_lost. */
void redis_socket_send(struct redis_socket *socket, struct slice resp);

/* Closes at once; none of the events comes after. Allowed inside on_reply and on_lost. NULL is
 * allowed. */
void redis_socket_free(struct redis_socket *socket);

#endif
