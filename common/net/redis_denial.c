#include "net/redis_denial.h"

#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/log.h"

enum { QUIET_MS = 60000 };

/* Inside scripts: up to Redis 7.0, and later. */
static const char *const in_scripts[] = {"The user executing the script can't ",
                                         "ACL failure in script: "};

bool redis_denial_is(const struct redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    for (size_t i = 0; i < sizeof(in_scripts) / sizeof(in_scripts[0]); i++)
        if (strstr(reply->str, in_scripts[i]) != NULL)
            return true;
    return strncmp(reply->str, "NOPERM ", strlen("NOPERM ")) == 0;
}

void redis_denial_note(struct redis_denial *denial, const char *command,
                       const struct redisReply *reply)
{
    int64_t now = clock_monotonic_ms();

    if (!redis_denial_is(reply) || now < denial->quiet_until_ms)
        return;
    denial->quiet_until_ms = now + QUIET_MS;
    log_error("redis-denied", "connection=%s user=%s command=%s error=%s hint=\"%s\"",
              denial->connection, log_quote_text(denial->user), command, log_quote_text(reply->str),
              REDIS_DENIAL_HINT);
}
