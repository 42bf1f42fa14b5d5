#include <criterion/criterion.h>

#include "support/redis_client.h"
#include "support/wait.h"

Test(redis_free, may_be_freed_before_anything_happened)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 1000);

    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    redis_client_drop(client);
    cr_expect_eq(client->nulls, 1);
    redis_free(NULL);
    for (int turns = 1; turns < 6; turns++) {
        redis_url_clear(&client->url);
        redis_client_connect(client, redis_server_parsed_url(server, NULL, NULL), 1000);
        for (int i = 0; i < turns; i++) {
            wait_ms(client->loop, 0);
        }
        redis_client_drop(client);
    }
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis_free, may_be_freed_in_a_reply)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);

    client->free_in_reply = true;
    for (int i = 0; i < 10; i++) {
        redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    }
    cr_expect(wait_for_count(client->loop, &client->replies, 1, SOON_MS));
    cr_expect_eq(client->nulls, 9, "the rest got NULL before redis_free() returned");
    cr_expect_null(client->redis);
    wait_ms(client->loop, 20);
    cr_expect_eq(client->replies + client->nulls, 10);
    cr_expect_eq(client->downs, 0, "no on_down for who frees");
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis_free, may_be_freed_in_the_null_of_a_loss)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client = redis_client_up(server);

    for (int i = 0; i < 10; i++) {
        redis_send_text(client->redis, redis_client_on_reply, client, "BLPOP", "nothing", "0",
                        NULL);
    }
    wait_ms(client->loop, 20);
    client->free_in_reply = true;
    client->send_in_reply = true;
    redis_server_kill(server);
    cr_expect(wait_for_count(client->loop, &client->nulls, 11, SOON_MS));
    cr_expect_eq(client->nulls, 11, "with the one that a callback sent");
    cr_expect_eq(client->downs, 0);
    wait_ms(client->loop, 200);
    redis_client_free(client);
    redis_server_stop(server);
}

Test(redis_free, may_be_freed_in_the_null_of_a_command_sent_while_down)
{
    struct redis_url url;
    struct redis_client *client;

    cr_assert(redis_url_parse(&url, slice_text("unix:///nowhere/redis.sock"), NULL));
    client = redis_client_new(url, 1000);
    client->free_in_reply = true;
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    cr_expect(wait_for_count(client->loop, &client->nulls, 2, SOON_MS));
    wait_ms(client->loop, 100);
    cr_expect_eq(client->nulls, 2);
    redis_client_free(client);
}

Test(redis_free, may_be_freed_in_on_up_and_on_down)
{
    struct redis_server *server = redis_server_start();
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 1000);

    client->free_in_up = true;
    cr_expect(wait_for_count(client->loop, &client->ups, 1, SOON_MS));
    wait_ms(client->loop, 20);
    redis_client_free(client);
    client = redis_client_up(server);
    client->free_in_down = true;
    redis_server_kill(server);
    cr_expect(wait_for_count(client->loop, &client->downs, 1, SOON_MS));
    wait_ms(client->loop, 200);
    redis_client_free(client);
    redis_server_stop(server);
}
