#include "net/redis_refusal.h"

#include <stddef.h>
#include <string.h>

#include <hiredis/hiredis.h>

/* Each with what follows it: -BUSYGROUP is another matter. */
static const char *const words[] = {
    "LOADING ", "READONLY ", "MASTERDOWN ", "MISCONF ", "NOREPLICAS ", "CLUSTERDOWN ", "BUSY ",
};

const char *redis_refusal(const struct redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return NULL;
    /* Before Redis 7 an error that a command met inside a script stands within the text. */
    const char *inner = strstr(reply->str, ": -");
    const char *text = inner != NULL ? inner + strlen(": -") : reply->str;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return text;
    return NULL;
}
