/* redis_denial - replies by which Redis says that this user may not do that, also inside a script.
 * They name what the operator has to grant, and end when it is granted. */
#ifndef REELQ_REDIS_DENIAL_H
#define REELQ_REDIS_DENIAL_H

#include <stdbool.h>
#include <stdint.h>

struct redisReply;

/* Follows an error about missing rights, for the operator. */
#define REDIS_DENIAL_HINT "deploy/redis.acl has what reelq needs"

/* Zeroed by the owner, who sets the first two; texts are borrowed for its life. */
struct redis_denial {
    const char *connection;
    const char *user;
    int64_t quiet_until_ms; /* by clock_monotonic_ms() */
};

/* Of the text of an error; of a reply of any kind. */
bool redis_denial_says(const char *error);
bool redis_denial_is(const struct redisReply *reply);

/* Says a denial in the log, at most once a minute while it lasts. `command` is the word that was
 * sent. Other replies do nothing. */
void redis_denial_note(struct redis_denial *denial, const char *command,
                       const struct redisReply *reply);

#endif
