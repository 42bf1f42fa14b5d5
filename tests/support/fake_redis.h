/* fake_redis - a scripted peer that speaks just enough of the Redis protocol: what a real server
 * cannot be made to say on demand. It lives on the test's own loop. */
#ifndef REELQ_TESTS_FAKE_REDIS_H
#define REELQ_TESTS_FAKE_REDIS_H

#include "net/loop.h"
#include "net/redis_url.h"

struct fake_redis;

/* The answer to one command, as it goes over the wire ("+OK\r\n"): `name` is its first word,
 * `number` counts the commands of this connection from 0. "" answers nothing, NULL closes the
 * connection. */
typedef const char *(*fake_redis_answer_fn)(const char *name, unsigned number, void *arg);

/* Listens on 127.0.0.1, on a port that the system picks. Ends the test when it cannot. */
struct fake_redis *fake_redis_new(struct loop *loop, fake_redis_answer_fn answer, void *arg);

/* Closes the listener and every connection. NULL is allowed. */
void fake_redis_free(struct fake_redis *fake);

/* Its address, parsed; to be cleared by the caller. */
struct redis_url fake_redis_url(const struct fake_redis *fake);

/* Connections accepted so far, and those that are open. */
unsigned fake_redis_accepted(const struct fake_redis *fake);
unsigned fake_redis_open(const struct fake_redis *fake);

#endif
