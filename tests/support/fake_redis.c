/* fake_redis - listener, bufferevents, and hiredis' own reader to take commands apart. */
#include "support/fake_redis.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/xalloc.h"

struct client {
    struct fake_redis *fake;
    struct client *next;
    struct bufferevent *stream;
    redisReader *reader;
    unsigned number;
};

struct fake_redis {
    struct event_base *base;
    fake_redis_answer_fn answer;
    void *arg;
    int fd;
    struct event *acceptable;
    struct client *clients;
    unsigned accepted;
};

static void close_client(struct client *client)
{
    struct client **link = &client->fake->clients;

    while (*link != client) {
        link = &(*link)->next;
    }
    *link = client->next;
    bufferevent_free(client->stream);
    redisReaderFree(client->reader);
    free(client);
}

/* False: the script wants the connection closed. */
static bool answer_one(struct client *client, const redisReply *command)
{
    const char *text =
        client->fake->answer(command->element[0]->str, client->number++, client->fake->arg);

    if (text != NULL) {
        bufferevent_write(client->stream, text, strlen(text));
    }
    return text != NULL;
}

static void on_read(struct bufferevent *stream, void *arg)
{
    struct client *client = arg;
    struct evbuffer *input = bufferevent_get_input(stream);
    size_t length = evbuffer_get_length(input);
    void *command = NULL;

    redisReaderFeed(client->reader, (const char *)evbuffer_pullup(input, -1), length);
    evbuffer_drain(input, length);
    while (redisReaderGetReply(client->reader, &command) == REDIS_OK && command != NULL) {
        bool stay = answer_one(client, command);
        freeReplyObject(command);
        if (!stay) {
            close_client(client);
            return;
        }
    }
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    (void)what;
    close_client(arg);
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    struct fake_redis *fake = arg;
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct client *client;

    (void)what;
    if (peer == -1) {
        return;
    }
    client = xcalloc(1, sizeof(*client));
    client->fake = fake;
    client->next = fake->clients;
    fake->clients = client;
    fake->accepted++;
    client->reader = redisReaderCreate();
    client->stream = bufferevent_socket_new(fake->base, peer, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client->stream, on_read, NULL, on_end, client);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

struct fake_redis *fake_redis_new(struct loop *loop, fake_redis_answer_fn answer, void *arg)
{
    struct fake_redis *fake = xcalloc(1, sizeof(*fake));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    fake->base = loop_base(loop);
    fake->answer = answer;
    fake->arg = arg;
    fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(fake->fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
        listen(fake->fd, 16) == -1) {
        perror("fake_redis: cannot listen");
        abort();
    }
    fake->acceptable = event_new(fake->base, fake->fd, EV_READ | EV_PERSIST, on_acceptable, fake);
    event_add(fake->acceptable, NULL);
    return fake;
}

void fake_redis_free(struct fake_redis *fake)
{
    if (fake == NULL) {
        return;
    }
    while (fake->clients != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it left the list */
        close_client(fake->clients);
    }
    event_free(fake->acceptable);
    close(fake->fd);
    free(fake);
}

struct redis_url fake_redis_url(const struct fake_redis *fake)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof(address);
    struct redis_url url;
    struct error error;
    char text[64];

    if (getsockname(fake->fd, (struct sockaddr *)&address, &length) == -1) {
        perror("fake_redis: getsockname");
        abort();
    }
    (void)snprintf(text, sizeof(text), "redis://127.0.0.1:%d", ntohs(address.sin_port));
    if (!redis_url_parse(&url, slice_text(text), &error)) {
        (void)fprintf(stderr, "fake_redis: %s: %s\n", text, error.text);
        abort();
    }
    return url;
}

unsigned fake_redis_accepted(const struct fake_redis *fake)
{
    return fake->accepted;
}

unsigned fake_redis_open(const struct fake_redis *fake)
{
    unsigned count = 0;

    for (const struct client *client = fake->clients; client != NULL; client = client->next) {
        count++;
    }
    return count;
}
