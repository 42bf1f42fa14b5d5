#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "net/redis_refusal.h"

static const struct {
    const char *text;
    const char *refusal; /* NULL: none */
} replies[] = {
    {"LOADING Redis is loading the dataset in memory", "LOADING Redis"},
    {"READONLY You can't write against a read only replica. script: 5f, on @user_script:3.",
     "READONLY You"},
    {"ERR Error running script (call to f_5f): @user_script:3: @user_script: 3: -READONLY You "
     "can't",
     "READONLY You"},
    {"MASTERDOWN Link with MASTER is down", "MASTERDOWN"},
    {"MISCONF Redis is configured to save RDB snapshots", "MISCONF"},
    {"NOREPLICAS Not enough good replicas to write.", "NOREPLICAS"},
    {"CLUSTERDOWN The cluster is down", "CLUSTERDOWN"},
    {"BUSY Redis is busy running a script.", "BUSY Redis"},
    {"BUSYGROUP Consumer Group name already exists", NULL},
    {"OOM command not allowed when used memory > 'maxmemory'.", NULL},
    {"WRONGTYPE Operation against a key holding the wrong kind of value", NULL},
    {"ERR no such key: -READ", NULL},
    {"NOSCRIPT No matching script.", NULL},
};

Test(redis_refusal, is_told_by_the_first_word)
{
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        char text[256];
        struct redisReply reply = {.type = REDIS_REPLY_ERROR, .str = text};
        (void)snprintf(text, sizeof(text), "%s", replies[i].text);
        const char *refusal = redis_refusal(&reply);
        if (replies[i].refusal == NULL)
            cr_expect_null(refusal, "%s", text);
        else
            cr_expect(refusal != NULL &&
                          strncmp(refusal, replies[i].refusal, strlen(replies[i].refusal)) == 0,
                      "%s", text);
        reply.type = REDIS_REPLY_STRING;
        cr_expect_null(redis_refusal(&reply), "only errors: %s", text);
    }
}
