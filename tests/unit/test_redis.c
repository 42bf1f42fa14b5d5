#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/xalloc.h"
#include "support/redis_client.h"
#include "support/wait.h"

struct series {
    long long next;
    unsigned answered, wrong, inside;
    bool sending;
};

static void on_number(const struct redisReply *reply, void *arg)
{
    struct series *series = arg;

    series->next++;
    series->answered++;
    series->inside += series->sending;
    series->wrong +=
        reply == NULL || reply->type != REDIS_REPLY_INTEGER || reply->integer != series->next;
}

Test(redis, answers_in_the_order_of_sending)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);
    struct series series = {.sending = true};

    for (int i = 0; i < 5000; i++) {
        redis_send_text(client->redis, on_number, &series, "INCR", "n", NULL);
    }
    redis_send_text(client->redis, NULL, NULL, "SET", "done", "1", NULL);
    cr_expect_eq(redis_pending(client->redis), 5001);
    series.sending = false;
    cr_expect(wait_for_count(client->loop, &series.answered, 5000, SOON_MS));
    cr_expect_eq(series.wrong, 0);
    cr_expect_eq(series.inside, 0, "never inside the call");
    redis_send_text(client->redis, redis_client_on_reply, client, "GET", "done", NULL);
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    cr_expect_str_eq(client->last, "1", "a command without a callback is sent as well");
    cr_expect_eq(redis_pending(client->redis), 0);
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis, hands_over_error_replies_and_stays_up)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);

    redis_send_text(client->redis, redis_client_on_reply, client, "NOSUCH", NULL);
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    cr_expect(strstr(client->last, "unknown command") != NULL, "%s", client->last);
    cr_expect(redis_is_up(client->redis));
    redis_client_free(client);
    redis_server_stop(server);
}

struct big {
    struct buffer value;
    unsigned answered, same;
};

static void on_big(const struct redisReply *reply, void *arg)
{
    struct big *big = arg;

    big->answered++;
    big->same += reply != NULL && reply->len == big->value.length &&
                 memcmp(reply->str, big->value.data, reply->len) == 0;
}

Test(redis, carries_big_and_binary_values)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);
    struct big big = {.value = BUFFER(4 << 20)};
    const char *set[] = {"SET", "big", NULL};
    size_t lengths[] = {3, 3, 0};
    struct redis_command command = {.count = 3, .data = set, .length = lengths};

    for (int i = 0; i < 1 << 20; i++) {
        buffer_add_char(&big.value, (char)(i * 7));
    }
    set[2] = big.value.data;
    lengths[2] = big.value.length;
    for (int i = 0; i < 8; i++) {
        redis_send(client->redis, &command, redis_client_on_reply, client);
        redis_send_text(client->redis, on_big, &big, "GET", "big", NULL);
    }
    lengths[2] = 0;
    redis_send(client->redis, &command, redis_client_on_reply, client);
    cr_expect(wait_for_count(client->loop, &client->replies, 9, SOON_MS));
    cr_expect_eq(big.answered, 8);
    cr_expect_eq(big.same, 8);
    cr_expect_eq(redis_server_integer(server, "STRLEN big"), 0, "an empty argument is one, too");
    buffer_clear(&big.value);
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis, selects_the_database_and_says_its_name)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, "?db=5"), 1000);

    cr_assert(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    redis_send_text(client->redis, NULL, NULL, "SET", "where", "here", NULL);
    redis_send_text(client->redis, redis_client_on_reply, client, "CLIENT", "GETNAME", NULL);
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    cr_expect_str_eq(client->last, "reelq-test");
    cr_expect_eq(redis_server_integer(server, "EXISTS where"), 0);
    freeReplyObject(redis_server_command(server, "SELECT 5"));
    cr_expect_eq(redis_server_integer(server, "EXISTS where"), 1);
    redis_client_free(client);

    client = redis_client_new(redis_server_parsed_url(server, NULL, "?db=99"), 1000);
    wait_ms(client->loop, 200);
    cr_expect_eq(client->ups, 0, "a database that is not there");
    cr_expect_eq(client->refusals, 0);
    redis_client_free(client);
    redis_server_stop(server);
}

static const struct login {
    const char *userinfo;
    bool good;
    const char *says;
} logins[] = {
    {":sesame", true, ""},
    {"bob:opensaysme", true, ""},
    {":wrongsecret", false, "wrong user or password"},
    {"bob:wrongsecret", false, "user bob"},
    {"nobody:wrongsecret", false, "user nobody"},
    {"weak:weaksecret", false, "NOPERM"},
    {"", false, "a password is needed"},
};

Test(redis, logs_in_or_says_why_not)
{
    static const char *const options[] = {"--requirepass", "sesame", NULL};
    struct redis_server *server = redis_server_start_with(options);

    freeReplyObject(redis_server_command(server, "AUTH sesame"));
    freeReplyObject(redis_server_command(server, "ACL SETUSER bob on >opensaysme ~* +@all"));
    freeReplyObject(redis_server_command(server, "ACL SETUSER weak on >weaksecret +client"));
    for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        const struct login *login = &logins[i];
        char *userinfo = xasprintf("%s%s", login->userinfo, login->userinfo[0] != '\0' ? "@" : "");
        struct redis_client *client =
            redis_client_new(redis_server_parsed_url(server, userinfo, NULL), 1000);
        bool answered = wait_for_count(client->loop, login->good ? &client->ups : &client->refusals,
                                       1, SOON_MS);
        cr_expect(answered, "%s", login->userinfo);
        cr_expect(strstr(client->refusal, login->says) != NULL, "%s: %s", login->userinfo,
                  client->refusal);
        cr_expect(strstr(client->refusal, "secret") == NULL, "%s", client->refusal);
        cr_expect(login->good || strstr(client->refusal, redis_server_url(server)) != NULL, "%s",
                  client->refusal);
        redis_client_free(client);
        free(userinfo);
    }
    redis_server_stop(server);
}

Test(redis, a_refusal_is_said_once_and_can_be_cured)
{
    static const char *const options[] = {"--requirepass", "old", NULL};
    struct redis_server *server = redis_server_start_with(options);
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, ":new@", NULL), 1000);

    wait_ms(client->loop, 500);
    cr_expect_eq(client->refusals, 1, "several attempts, one word");
    freeReplyObject(redis_server_command(server, "AUTH old"));
    freeReplyObject(redis_server_command(server, "CONFIG SET requirepass new"));
    cr_expect(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    cr_expect_eq(client->refusals, 1);
    redis_client_free(client);
    redis_server_stop(server);
}
