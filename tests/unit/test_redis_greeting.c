#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "net/redis_greeting.h"

static const struct {
    const char *password;
    unsigned answered;
    const char *text;
    enum redis_welcome welcome;
    const char *says;
} errors[] = {
    {"p", 0, "WRONGPASS invalid username-password pair", REDIS_GREETING_REFUSED, "wrong user"},
    {"p", 0, "ERR invalid password", REDIS_GREETING_REFUSED, "wrong password"},
    {"p", 0, "ERR AUTH <password> called without any password configured for the default user",
     REDIS_GREETING_REFUSED, "has none"},
    {"p", 0, "ERR Client sent AUTH, but no password is set", REDIS_GREETING_REFUSED, "has none"},
    {"p", 0, "ERR unknown command `AUTH`, with args beginning with: `p`", REDIS_GREETING_FAILED,
     "unknown error"},
    {"", 0, "NOAUTH Authentication required.", REDIS_GREETING_REFUSED, "password is needed"},
    {"p", 1, "NOPERM this user has no permissions", REDIS_GREETING_REFUSED, "no permissions"},
    {"p", 1, "ERR DB index is out of range", REDIS_GREETING_FAILED, "DB index"},
    {"", 1, "LOADING Redis is loading", REDIS_GREETING_FAILED, "LOADING"},
    {"", 2, "READONLY You can't write against a read only replica.", REDIS_GREETING_FAILED,
     "READONLY"},
    {"", 0, "ERR max number of clients reached", REDIS_GREETING_FAILED, "max number"},
};

Test(redis_greeting, judges_errors)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        char password[8] = "", text[128];
        struct redis_url url = {.password = password};
        struct redis_greeting greeting = {.url = &url, .sent = 3, .answered = errors[i].answered};
        struct redisReply reply = {.type = REDIS_REPLY_ERROR, .str = text};
        const char *reason = "";
        (void)snprintf(password, sizeof(password), "%s", errors[i].password);
        (void)snprintf(text, sizeof(text), "%s", errors[i].text);
        cr_expect_eq(redis_greeting_answer(&greeting, &reply, &reason), errors[i].welcome, "%s",
                     errors[i].text);
        cr_expect(strstr(reason, errors[i].says) != NULL, "%s: %s", errors[i].text, reason);
    }
}

Test(redis_greeting, is_done_with_the_last_answer)
{
    char none[] = "";
    struct redis_url url = {.password = none};
    struct redis_greeting greeting = {.url = &url, .sent = 2};
    struct redisReply reply = {.type = REDIS_REPLY_STATUS};
    const char *reason = "";

    cr_expect_eq(redis_greeting_answer(&greeting, &reply, &reason), REDIS_GREETING_GOES_ON);
    cr_expect_eq(redis_greeting_answer(&greeting, &reply, &reason), REDIS_GREETING_DONE);
}
