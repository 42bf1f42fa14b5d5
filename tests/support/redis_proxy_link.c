#include "support/redis_proxy_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

enum { CHUNK = 64 << 10 };

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "redis_proxy_link: %s: %s\n", what, detail);
    abort();
}

static int dial(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    if (fd == -1 || connect(fd, (const struct sockaddr *)&name, sizeof(name)) == -1)
        fail("connect", strerror(errno));
    return fd;
}

struct redis_proxy_link *redis_proxy_link_open(int client, const char *server_path)
{
    struct redis_proxy_link *link = xcalloc(1, sizeof(*link));

    link->client = client;
    link->server = dial(server_path);
    link->commands = redisReaderCreate();
    link->replies = redisReaderCreate();
    return link;
}

void redis_proxy_link_close(struct redis_proxy_link *link)
{
    (void)close(link->client);
    (void)close(link->server);
    redisReaderFree(link->commands);
    redisReaderFree(link->replies);
    if (link->next != NULL)
        freeReplyObject(link->next);
    free(link);
}

/* The next whole object that the reader has, or NULL. */
static struct redisReply *take(struct redisReader *reader)
{
    void *object = NULL;

    if (redisReaderGetReply(reader, &object) != REDIS_OK)
        fail("not RESP", reader->errstr);
    return object;
}

/* How many bytes came; they are in the reader too. 0: the other side has closed. */
static size_t hear(int fd, struct redisReader *reader, char bytes[CHUNK])
{
    ssize_t count = recv(fd, bytes, CHUNK, 0);

    if (count <= 0)
        return 0;
    (void)redisReaderFeed(reader, bytes, (size_t)count);
    return (size_t)count;
}

/* Who is not there any more needs nothing. */
static void say(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);
        if (count == -1)
            return;
        bytes += count;
        length -= (size_t)count;
    }
}

void redis_proxy_link_hear_client(struct redis_proxy_link *link)
{
    char bytes[CHUNK];

    if (hear(link->client, link->commands, bytes) == 0)
        link->ended = true;
    else if (link->next == NULL)
        link->next = take(link->commands);
}

static void send_command(int fd, const struct redisReply *command)
{
    const char **words = xcalloc(command->elements, sizeof(*words));
    size_t *lengths = xcalloc(command->elements, sizeof(*lengths));
    char *text = NULL;

    for (size_t i = 0; i < command->elements; i++) {
        words[i] = command->element[i]->str;
        lengths[i] = command->element[i]->len;
    }
    long long length = redisFormatCommandArgv(&text, (int)command->elements, words, lengths);
    if (length <= 0)
        fail("format", words[0]);
    say(fd, text, (size_t)length);
    redisFreeCommand(text);
    free(words);
    free(lengths);
}

struct redisReply *redis_proxy_link_forward(struct redis_proxy_link *link)
{
    struct redisReply *command = link->next;

    send_command(link->server, command);
    link->waiting = true;
    link->blocking = strncasecmp(command->element[0]->str, "BL", 2) == 0;
    link->next = take(link->commands);
    return command;
}

bool redis_proxy_link_hear_server(struct redis_proxy_link *link)
{
    char bytes[CHUNK];
    size_t count = hear(link->server, link->replies, bytes);

    if (count == 0)
        fail("recv", "the server has closed the connection");
    if (!link->muted)
        say(link->client, bytes, count);
    struct redisReply *reply = take(link->replies);
    if (reply == NULL)
        return false;
    freeReplyObject(reply);
    link->waiting = false;
    return true;
}
