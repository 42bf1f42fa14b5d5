#include <criterion/criterion.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "support/redis_client.h"
#include "support/wait.h"

Test(redis_loss, comes_back_after_a_restart)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);

    for (int i = 0; i < 3; i++) {
        redis_send_text(client->redis, redis_client_on_reply, client, "BLPOP", "nothing", "0",
                        NULL);
    }
    wait_ms(client->loop, 20);
    redis_server_kill(server);
    cr_assert(wait_for_count(client->loop, &client->downs, 1, SOON_MS));
    cr_expect_eq(client->nulls, 3);
    cr_expect_eq(client->nulls_before_down, 3, "on_down comes after the NULLs");
    cr_expect(!redis_is_up(client->redis));

    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_expect_eq(client->nulls, 3, "later, not inside the call");
    cr_expect_eq(redis_pending(client->redis), 1);
    cr_expect(wait_for_count(client->loop, &client->nulls, 4, SOON_MS));

    redis_server_restart(server);
    cr_expect_eq(client->reconnects.value, 0);
    cr_assert(wait_for_count(client->loop, &client->ups, 2, SOON_MS));
    cr_expect_eq(client->reconnects.value, 1);
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    cr_expect_str_eq(client->last, "PONG");
    cr_expect_eq(client->downs, 1);
    cr_expect_eq(client->nulls, 4, "each callback once");
    redis_client_free(client);
    redis_server_stop(server);
}

struct letters {
    char text[16];
    unsigned count;
};

struct letter {
    struct letters *all;
    char mark;
};

static void on_letter(const struct redisReply *reply, void *arg)
{
    struct letter *letter = arg;

    letter->all->text[letter->all->count++] = (char)(reply == NULL ? letter->mark : '!');
}

Test(redis_loss, fails_what_is_sent_while_down_later_and_in_order)
{
    struct redis_url url;
    struct redis_client *client;
    struct letters all = {.count = 0};
    struct letter letters[] = {{&all, 'a'}, {&all, 'b'}, {&all, 'c'}};

    cr_assert(redis_url_parse(&url, slice_text("unix:///nowhere/redis.sock"), NULL));
    client = redis_client_new(url, 1000);
    for (int i = 0; i < 3; i++) {
        redis_send_text(client->redis, on_letter, &letters[i], "PING", NULL);
    }
    cr_expect_eq(all.count, 0);
    cr_expect(wait_for_count(client->loop, &all.count, 3, SOON_MS));
    cr_expect_str_eq(all.text, "abc");
    client->send_in_reply = true;
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_expect(wait_for_count(client->loop, &client->nulls, 2, SOON_MS), "also from a callback");
    wait_ms(client->loop, 300);
    cr_expect_eq(client->ups + client->downs, 0, "never up, so never down");
    redis_client_free(client);
}

Test(redis_loss, a_server_that_stops_answering_is_lost)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 300);
    int64_t start;

    cr_assert(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    redis_server_pause(server);
    wait_ms(client->loop, 150);
    start = clock_monotonic_ms();
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_assert(wait_for_count(client->loop, &client->downs, 1, SOON_MS));
    cr_expect_geq(clock_monotonic_ms() - start, 300, "the command's own time counts");
    cr_expect_eq(client->nulls, 1);
    wait_ms(client->loop, 500);
    cr_expect_eq(client->ups, 1, "a socket that accepts is not a server that answers");
    redis_server_resume(server);
    cr_expect(wait_for_count(client->loop, &client->ups, 2, SOON_MS));
    cr_expect_eq(client->downs, 1);
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis_loss, an_idle_connection_to_a_dead_server_is_noticed)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 200);

    cr_assert(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    redis_server_pause(server);
    cr_expect(wait_for_count(client->loop, &client->downs, 1, SOON_MS));
    redis_server_resume(server);
    cr_expect(wait_for_count(client->loop, &client->ups, 2, SOON_MS));
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis_loss, a_reply_that_waited_for_us_is_not_late)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 100);
    int64_t start;

    cr_assert(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    for (int i = 0; i < 2; i++) {
        redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
        wait_ms(client->loop, 0);
        start = clock_monotonic_ms();
        while (clock_monotonic_ms() - start < 400) {
            /* the loop stands still, as it does when the machine sleeps */
        }
        cr_expect(wait_for_count(client->loop, &client->replies, (unsigned)i + 1, SOON_MS));
    }
    cr_expect_eq(client->downs, 0);
    redis_client_free(client);
    redis_server_stop(server);
}

/* A password that is changed while we run is no mistake in our configuration. */
Test(redis_loss, a_refusal_after_being_up_is_an_outage)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);

    freeReplyObject(redis_server_command(server, "CONFIG SET requirepass changed"));
    freeReplyObject(redis_server_command(server, "CLIENT KILL TYPE normal SKIPME yes"));
    cr_assert(wait_for_count(client->loop, &client->downs, 1, SOON_MS));
    wait_ms(client->loop, 300);
    cr_expect_eq(client->refusals, 0, "%s", client->refusal);
    cr_expect_eq(client->ups, 1);
    freeReplyObject(redis_server_command(server, "CONFIG SET requirepass %s", ""));
    cr_expect(wait_for_count(client->loop, &client->ups, 2, SOON_MS));
    cr_expect_eq(client->refusals, 0);
    redis_client_free(client);
    redis_server_stop(server);
}
