/* redis_client - counts, and frees where it is told to. */
#include "support/redis_client.h"

#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "support/wait.h"

void redis_client_drop(struct redis_client *client)
{
    struct redis *redis = client->redis;

    client->redis = NULL;
    redis_free(redis);
}

void redis_client_on_reply(const struct redisReply *reply, void *arg)
{
    struct redis_client *client = arg;

    client->replies += reply != NULL;
    client->nulls += reply == NULL;
    if (reply != NULL) {
        (void)snprintf(client->last, sizeof(client->last), "%s",
                       reply->str != NULL ? reply->str : "");
    }
    if (client->send_in_reply) {
        client->send_in_reply = false;
        redis_send_text(client->redis, redis_client_on_reply, client, "PING", NULL);
    }
    if (client->free_in_reply && client->redis != NULL) {
        redis_client_drop(client);
    }
}

static void on_up(void *arg)
{
    struct redis_client *client = arg;

    client->ups++;
    if (client->free_in_up) {
        redis_client_drop(client);
    }
}

static void on_down(void *arg)
{
    struct redis_client *client = arg;

    client->downs++;
    client->nulls_before_down = client->nulls;
    if (client->free_in_down) {
        redis_client_drop(client);
    }
}

static void on_refused(const char *text, void *arg)
{
    struct redis_client *client = arg;

    client->refusals++;
    (void)snprintf(client->refusal, sizeof(client->refusal), "%s", text);
}

void redis_client_connect(struct redis_client *client, struct redis_url url,
                          int64_t reply_timeout_ms)
{
    struct redis_options options = {.loop = client->loop,
                                    .url = &client->url,
                                    .name = "test",
                                    .reply_timeout_ms = reply_timeout_ms,
                                    .reconnects = &client->reconnects,
                                    .on_up = on_up,
                                    .on_down = on_down,
                                    .on_refused = on_refused,
                                    .arg = client};

    client->url = url;
    client->redis = redis_new(&options);
}

struct redis_client *redis_client_new(struct redis_url url, int64_t reply_timeout_ms)
{
    struct redis_client *client = xcalloc(1, sizeof(*client));

    client->loop = loop_new();
    redis_client_connect(client, url, reply_timeout_ms);
    return client;
}

struct redis_client *redis_client_up(struct redis_server *server)
{
    struct redis_client *client =
        redis_client_new(redis_server_parsed_url(server, NULL, NULL), 5000);

    if (!wait_for_count(client->loop, &client->ups, 1, SOON_MS)) {
        (void)fputs("redis_client: the connection does not come up\n", stderr);
        abort();
    }
    return client;
}

void redis_client_free(struct redis_client *client)
{
    redis_client_drop(client);
    redis_url_clear(&client->url);
    loop_free(client->loop);
    free(client);
}
