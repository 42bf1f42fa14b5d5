/* redis_greeting - what a new connection says first (AUTH, SELECT, CLIENT SETNAME, PING and a write
 * of no effect, in one write), and what the answers mean. */
#ifndef REELQ_REDIS_GREETING_H
#define REELQ_REDIS_GREETING_H

#include "net/redis_socket.h"

/* The texts are borrowed until the last answer. */
struct redis_greeting {
    const struct redis_url *url;
    const char *name;  /* for CLIENT SETNAME reelq-NAME */
    const char *probe; /* a key that does not exist, to be removed; NULL: nothing is written */
    unsigned sent;
    unsigned answered;
};

enum redis_welcome {
    REDIS_GREETING_GOES_ON,
    REDIS_GREETING_DONE,
    REDIS_GREETING_FAILED, /* loading, following a lost master ...: try again later */
    REDIS_GREETING_REFUSED /* user, password or rights are at fault: no retry will cure it */
};

/* Sends the greeting; the owner has set the texts and zeroed the counts. */
void redis_greeting_start(struct redis_greeting *greeting, struct redis_socket *socket);

/* Takes the next answer. For FAILED and REFUSED *reason is set: without secrets, valid as long as
 * the reply. */
enum redis_welcome redis_greeting_answer(struct redis_greeting *greeting,
                                         const struct redisReply *reply, const char **reason);

#endif
