#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "support/fake_redis.h"
#include "support/redis_client.h"
#include "support/wait.h"

/* What a real server cannot be made to say. */

struct script {
    const char *answer_to_ping;
    unsigned pings;
    unsigned bad_pings; /* so many get the answer above, the rest +PONG */
    const char *answer_to_auth;
};

static const char *answer(const char *name, unsigned number, void *arg)
{
    struct script *script = arg;

    (void)number;
    if (strcmp(name, "PING") == 0) {
        script->pings++;
        return script->pings <= script->bad_pings ? script->answer_to_ping : "+PONG\r\n";
    }
    return strcmp(name, "AUTH") == 0 ? script->answer_to_auth : "+OK\r\n";
}

static const struct stay_down {
    const char *answer;
} stay_down[] = {
    {"-LOADING Redis is loading the dataset in memory\r\n"},
    {"-MASTERDOWN Link with MASTER is down\r\n"},
    {"-BUSY Redis is busy running a script\r\n"},
    {NULL}, /* closes the connection */
    {"no RESP at all\r\n"},
};

Test(redis_peer, stays_down_until_the_server_is_ready)
{
    for (size_t i = 0; i < sizeof(stay_down) / sizeof(stay_down[0]); i++) {
        struct loop *loop = loop_new();
        struct script script = {.answer_to_ping = stay_down[i].answer, .bad_pings = 3};
        struct fake_redis *fake = fake_redis_new(loop, answer, &script);
        struct redis_client client = {.loop = loop};
        redis_client_connect(&client, fake_redis_url(fake), 1000);
        cr_expect(wait_for_count(loop, &client.ups, 1, SOON_MS), "case %zu", i);
        cr_expect_eq(script.pings, 4, "case %zu: %u", i, script.pings);
        cr_expect_eq(fake_redis_accepted(fake), 4, "case %zu", i);
        cr_expect_eq(client.downs, 0, "case %zu: it was never up", i);
        cr_expect_eq(client.refusals, 0, "case %zu", i);
        redis_client_drop(&client);
        fake_redis_free(fake);
        redis_url_clear(&client.url);
        loop_free(loop);
    }
}

/* What the process writes to standard error from now on. */
static FILE *catch_log(void)
{
    FILE *log = tmpfile();

    cr_assert(log != NULL);
    (void)fflush(stderr);
    dup2(fileno(log), STDERR_FILENO);
    return log;
}

static void read_log(FILE *log, char *lines, size_t size)
{
    rewind(log);
    lines[fread(lines, 1, size - 1, log)] = '\0';
    (void)fclose(log);
}

Test(redis_peer, an_echoing_server_does_not_betray_the_password)
{
    struct loop *loop = loop_new();
    struct script script = {.answer_to_auth =
                                "-ERR unknown command 'AUTH', with args beginning with: 'sec'\r\n"};
    struct fake_redis *fake = fake_redis_new(loop, answer, &script);
    struct redis_client client = {.loop = loop};
    char lines[4096];
    FILE *log = catch_log();

    redis_client_connect(&client, fake_redis_url(fake), 1000);
    free(client.url.password);
    client.url.password = xstrdup("secret");
    wait_ms(loop, 300);
    read_log(log, lines, sizeof(lines));
    cr_assert(strstr(lines, "redis-away") != NULL, "%s", lines);
    cr_expect(strstr(strstr(lines, "redis-away") + 1, "redis-away") == NULL, "once: %s", lines);
    cr_expect(strstr(lines, "sec") == NULL, "%s", lines);
    cr_expect_eq(client.refusals, 0);
    redis_client_drop(&client);
    fake_redis_free(fake);
    redis_url_clear(&client.url);
    loop_free(loop);
}

/* A listener whose backlog is full: connecting to it hangs. */
struct deaf {
    int fds[3];
    char *url;
};

static void deaf_open(struct deaf *deaf)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    for (int i = 0; i < 3; i++) {
        deaf->fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    cr_assert_eq(bind(deaf->fds[0], (struct sockaddr *)&address, length), 0);
    cr_assert_eq(listen(deaf->fds[0], 0), 0);
    getsockname(deaf->fds[0], (struct sockaddr *)&address, &length);
    (void)connect(deaf->fds[1], (struct sockaddr *)&address, length);
    (void)connect(deaf->fds[2], (struct sockaddr *)&address, length);
    deaf->url = xasprintf("redis://127.0.0.1:%d", ntohs(address.sin_port));
}

static void deaf_close(struct deaf *deaf)
{
    for (int i = 0; i < 3; i++) {
        close(deaf->fds[i]);
    }
    free(deaf->url);
}

Test(redis_peer, a_connect_that_hangs_is_given_up)
{
    struct redis_client client = {.loop = loop_new()};
    struct deaf deaf;
    struct redis_url url;
    char lines[4096];
    FILE *log;

    deaf_open(&deaf);
    cr_assert(redis_url_parse(&url, slice_text(deaf.url), NULL));
    log = catch_log();
    redis_client_connect(&client, url, 5000);
    redis_send_text(client.redis, redis_client_on_reply, &client, "PING", NULL);
    wait_ms(client.loop, 1200);
    read_log(log, lines, sizeof(lines));
    cr_expect(strstr(lines, "no connection within 1s") != NULL, "%s", lines);
    cr_expect_eq(client.nulls, 1);
    cr_expect_eq(client.ups, 0);
    redis_client_drop(&client);
    deaf_close(&deaf);
    redis_url_clear(&client.url);
    loop_free(client.loop);
}

Test(redis_peer, a_port_where_nobody_listens_is_tried_again)
{
    struct redis_client client = {.loop = loop_new()};
    struct script script = {.bad_pings = 0};
    struct fake_redis *fake = fake_redis_new(client.loop, answer, &script);

    redis_client_connect(&client, fake_redis_url(fake), 1000);
    cr_expect(wait_for_count(client.loop, &client.ups, 1, SOON_MS));
    fake_redis_free(fake);
    cr_expect(wait_for_count(client.loop, &client.downs, 1, SOON_MS));
    wait_ms(client.loop, 200);
    cr_expect(!redis_is_up(client.redis));
    redis_client_drop(&client);
    redis_url_clear(&client.url);
    loop_free(client.loop);
}
