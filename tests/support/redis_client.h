/* redis_client - one connection of net/redis, and all that it told its owner. */
#ifndef REELQ_TESTS_REDIS_CLIENT_H
#define REELQ_TESTS_REDIS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/redis.h"
#include "support/redis_server.h"

enum { SOON_MS = 10000 }; /* how long a test waits for what must come */

struct redis_client {
    struct loop *loop;
    struct redis *redis; /* NULL after redis_client_drop() */
    struct redis_url url;
    unsigned ups, downs, refusals;
    unsigned nulls_before_down;
    struct metric reconnects;
    char refusal[256];

    /* Of redis_client_on_reply(). */
    unsigned replies, nulls;
    char last[64]; /* text of the last reply */

    /* Set to make the callbacks call redis_client_drop(), or send a PING once. */
    bool free_in_reply, free_in_up, free_in_down, send_in_reply;
};

/* Connects to `url` (taken) on a loop of its own. */
struct redis_client *redis_client_new(struct redis_url url, int64_t reply_timeout_ms);

/* The same for a server that is there; returns when the connection is up. */
struct redis_client *redis_client_up(struct redis_server *server);

/* Connects (again): for a client whose loop is set, and whose url is not, or was cleared. */
void redis_client_connect(struct redis_client *client, struct redis_url url,
                          int64_t reply_timeout_ms);

/* Frees the connection only. */
void redis_client_drop(struct redis_client *client);

/* Frees everything, the loop too. */
void redis_client_free(struct redis_client *client);

/* A redis_reply_fn for commands whose argument is the client. */
void redis_client_on_reply(const struct redisReply *reply, void *arg);

#endif
