/* What the proxy promises, by what the server has in the end and what the client was told. */
#include <criterion/criterion.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/redis_proxy.h"
#include "support/redis_server.h"

enum { COMMANDS = 10, PATIENCE_S = 20 };

static struct redis_server *server;
static struct redis_proxy *proxy;

static void begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    server = redis_server_start();
    proxy = redis_proxy_new(redis_server_path(server));
}

static void end(void)
{
    redis_proxy_free(proxy);
    redis_server_stop(server);
}

TestSuite(redis_proxy, .init = begin, .fini = end);

static redisContext *dial(void)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    redisContext *client = redisConnectUnix(redis_proxy_url(proxy) + strlen("unix://"));

    cr_assert(client != NULL && client->err == 0);
    redisSetTimeout(client, patience);
    return client;
}

static void send_all(redisContext *client)
{
    for (int i = 0; i < COMMANDS; i++)
        (void)redisAppendCommand(client, "INCR n");
}

/* How many commands in flight are answered, before the connection is closed or for all of them. */
static long long answered(redisContext *client, int commands)
{
    long long count = 0;
    void *reply;

    while (count < commands && redisGetReply(client, &reply) == REDIS_OK) {
        freeReplyObject(reply);
        count++;
    }
    if (count < commands)
        cr_expect(client->err == REDIS_ERR_EOF || errno == ECONNRESET, "%s", client->errstr);
    return count;
}

static long long applied(void)
{
    redisReply *reply = redis_server_command(server, "GET n");
    long long value = reply->str != NULL ? strtoll(reply->str, NULL, 10) : 0;

    freeReplyObject(reply);
    return value;
}

static bool is_answered(redisContext *client, const char *command)
{
    redisReply *reply = redisCommand(client, command);
    bool good = reply != NULL && reply->type != REDIS_REPLY_ERROR;

    if (reply != NULL)
        freeReplyObject(reply);
    return good;
}

Test(redis_proxy, lets_everything_pass)
{
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){.at = 0});
    redisContext *client = dial();
    send_all(client);
    cr_expect_eq(answered(client, COMMANDS), COMMANDS);
    cr_expect_eq(applied(), COMMANDS);
    cr_expect_eq(redis_proxy_look(proxy).seen, COMMANDS);
    cr_expect(!(redis_proxy_look(proxy).reached));
    redisFree(client);
}

/* Every command of a pipeline, before and after. */
Test(redis_proxy, cuts_exactly_there)
{
    for (unsigned at = 1; at <= COMMANDS; at++)
        for (int after = 0; after <= 1; after++) {
            freeReplyObject(redis_server_command(server, "FLUSHALL"));
            redis_proxy_arm(proxy, &(struct redis_proxy_plan){.at = at, .after = after == 1});
            redisContext *client = dial();
            send_all(client);
            cr_expect_eq(answered(client, COMMANDS), at - 1, "at %u: what is told", at);
            cr_expect_eq(applied(), at - 1 + (unsigned)after, "at %u: what is done", at);
            cr_expect(redis_proxy_look(proxy).done);
            redisFree(client);
            redis_proxy_disarm(proxy);
        }
}

Test(redis_proxy, harms_one_connection_once)
{
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){.at = 2});
    redisContext *other = dial(), *client = dial();
    cr_expect(is_answered(other, "PING"));
    cr_expect(!(is_answered(client, "INCR n")));
    cr_expect(is_answered(other, "INCR n"), "the other one is cut too");
    redisFree(client);
    client = dial();
    send_all(client);
    cr_expect_eq(answered(client, COMMANDS), COMMANDS, "a second time");
    cr_expect_eq(applied(), COMMANDS + 1);
    redisFree(client);
    redisFree(other);
}

static bool is_get(const struct redisReply *command, void *arg)
{
    (void)arg;
    return strcmp(command->element[0]->str, "GET") == 0;
}

Test(redis_proxy, counts_what_it_is_told_to)
{
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){.counts = is_get, .at = 2});
    redisContext *client = dial();
    cr_expect(is_answered(client, "GET n"));
    cr_expect(is_answered(client, "INCR n"));
    cr_expect(!(is_answered(client, "GET m")));
    cr_expect_eq(redis_proxy_look(proxy).seen, 2);
    cr_expect_str_eq(redis_proxy_look(proxy).command->element[1]->str, "m");
    redisFree(client);
}

/* A process that is killed is told of nothing, and leaves no connection. */
static void expect_kill(bool after)
{
    pid_t pid = fork();

    if (pid == 0) {
        redisContext *client = dial(), *other = dial();
        send_all(client);
        (void)answered(client, COMMANDS);
        (void)is_answered(other, "INCR n");
        _exit(0);
    }
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){
                               .at = 5, .after = after, .harm = REDIS_PROXY_KILL, .pid = pid});
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    redis_proxy_disarm(proxy);
    cr_expect_eq(applied(), after ? 5 : 4);
}

Test(redis_proxy, kills_before)
{
    expect_kill(false);
}

Test(redis_proxy, kills_after)
{
    expect_kill(true);
}

Test(redis_proxy, shuts_out_until_it_lets_in)
{
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){.at = 2, .harm = REDIS_PROXY_SHUT_OUT});
    redisContext *other = dial(), *client = dial();
    cr_expect(is_answered(other, "INCR n"));
    cr_expect(!is_answered(client, "INCR n"));
    cr_expect(!is_answered(other, "INCR n"));
    redisFree(client);
    redisFree(other);
    client = dial();
    send_all(client);
    int left = 0;
    while (left == 0)
        (void)redisBufferWrite(client, &left);
    cr_expect_eq(applied(), 1);
    redis_proxy_let_in(proxy);
    cr_expect_eq(answered(client, COMMANDS), COMMANDS);
    cr_expect_eq(applied(), 1 + COMMANDS);
    redisFree(client);
}

/* A command that blocks holds up nobody; cut after it is one whose answer came and got lost. */
Test(redis_proxy, cuts_one_that_blocks_when_it_is_answered)
{
    redis_proxy_arm(proxy, &(struct redis_proxy_plan){.at = 1, .after = true});
    redisContext *blocked = dial();
    int left = 0;
    (void)redisAppendCommand(blocked, "BLMOVE from to RIGHT LEFT 0");
    while (left == 0)
        (void)redisBufferWrite(blocked, &left);
    while (redis_proxy_look(proxy).seen == 0)
        (void)usleep(1000);
    redisContext *client = dial();
    cr_expect(is_answered(client, "PING"));
    cr_expect(!(redis_proxy_look(proxy).done));
    cr_expect(is_answered(client, "LPUSH from item"));
    cr_expect_eq(answered(blocked, 1), 0);
    cr_expect(redis_proxy_look(proxy).done);
    cr_expect_eq(redis_server_integer(server, "LLEN to"), 1);
    redisFree(blocked);
    redisFree(client);
}
