/* redis_proxy_link - one connection of a client to a redis_proxy, with its twin to the server.
 * Commands go to the server one by one: the next may go when the one before is answered. */
#ifndef REELQ_TESTS_REDIS_PROXY_LINK_H
#define REELQ_TESTS_REDIS_PROXY_LINK_H

#include <stdbool.h>
#include <sys/queue.h>

struct redisReader;
struct redisReply;

struct redis_proxy_link {
    int client, server;
    short client_events, server_events; /* what poll() said of each; the proxy's */
    struct redisReader *commands, *replies;
    struct redisReply *next; /* the whole command that is to go next, or NULL */
    bool waiting;            /* for the answer to the command that went last */
    bool blocking;           /* that answer may take long: it holds up no other connection */
    bool muted;              /* that answer is not passed on */
    bool ended;              /* the client has closed */
    TAILQ_ENTRY(redis_proxy_link) entry;
};

/* Takes over the connected socket `client`. */
struct redis_proxy_link *redis_proxy_link_open(int client, const char *server_path);

/* Closes both sides at once, whatever is under way. */
void redis_proxy_link_close(struct redis_proxy_link *link);

/* Reads what the client has sent; sets `next` and `ended`. */
void redis_proxy_link_hear_client(struct redis_proxy_link *link);

/* Sends `next` to the server, as it came; the caller frees what is returned, the command. */
struct redisReply *redis_proxy_link_forward(struct redis_proxy_link *link);

/* Reads what the server has sent, and passes it on unless `muted`. True when that completes the
 * answer: then nothing is waited for any more. */
bool redis_proxy_link_hear_server(struct redis_proxy_link *link);

#endif
