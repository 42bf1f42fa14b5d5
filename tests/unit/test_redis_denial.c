#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "net/redis_denial.h"

static const struct {
    const char *text;
    bool denial;
} replies[] = {
    {"NOPERM this user has no permissions to run the 'zadd' command", true},
    {"NOPERM this user has no permissions to access one of the keys used as arguments", true},
    {"NOPERM User w has no permissions to run the 'zadd' command", true},
    {"ERR Error running script (call to f_5f): @user_script:70: @user_script: 70: The user "
     "executing the script can't run this command or subcommand",
     true},
    {"ERR The user executing the script can't publish to the channel mentioned in the command "
     "script: 15, on @user_script:1.",
     true},
    {"ERR ACL failure in script: User w has no permissions to run the 'zadd' command script: f8",
     true},
    {"NOAUTH Authentication required.", false},
    {"OOM command not allowed when used memory > 'maxmemory'.", false},
    {"ERR unknown command 'NOPERM '", false},
    {"NOSCRIPT No matching script.", false},
};

Test(redis_denial, is_told_by_its_text)
{
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct redisReply reply = {.type = REDIS_REPLY_ERROR,
                                   .str = (char *)(uintptr_t)replies[i].text};
        cr_expect_eq(redis_denial_is(&reply), replies[i].denial, "%s", replies[i].text);
        reply.type = REDIS_REPLY_STRING;
        cr_expect_not(redis_denial_is(&reply), "only errors: %s", replies[i].text);
    }
}
