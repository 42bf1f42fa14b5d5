#include "net/redis_denial.h"

#include <string.h>

#include <hiredis/hiredis.h>

#include "base/log.h"

enum { QUIET_MS = 60000 };

/* Inside scripts: up to Redis 7.0, and later. */
static const char *const in_scripts[] = {"The user executing the script can't ",
                                         "ACL failure in script: "};

bool redis_denial_says(const char *error)
{
    for (size_t i = 0; i < sizeof(in_scripts) / sizeof(in_scripts[0]); i++)
        if (strstr(error, in_scripts[i]) != NULL)
            return true;
    return strncmp(error, "NOPERM ", strlen("NOPERM ")) == 0;
}

bool redis_denial_is(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR && redis_denial_says(reply->str);
}

void redis_denial_note(struct redis_denial *denial, const char *command,
                       const struct redisReply *reply)
{
    if (!redis_denial_is(reply) || !log_is_due(&denial->quiet_until_ms, QUIET_MS))
        return;
    log_error("redis-denied", "connection=%s user=%s command=%s error=%s hint=\"%s\"",
              denial->connection, log_quote_text(denial->user), command, log_quote_text(reply->str),
              REDIS_DENIAL_HINT);
}
