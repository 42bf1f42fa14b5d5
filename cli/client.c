#include "cli/client.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/xalloc.h"

enum { CONNECT_S = 5, REPLY_MS = 30000 };

struct client {
    redisContext *context;
    const struct redis_url *url;
    struct error error;
    bool denied;
};

/* --- connecting ------------------------------------------------------------------------------- */

static redisContext *dial(const struct redis_url *url)
{
    const struct timeval limit = {.tv_sec = CONNECT_S};

    return url->path[0] != '\0' ? redisConnectUnixWithTimeout(url->path, limit)
                                : redisConnectWithTimeout(url->host, url->port, limit);
}

/* On a connection that blocks the handshake is over when the last step returns. */
static bool secure(struct client *client, struct error *error)
{
    if (client->url->tls == NULL)
        return true;
    struct ssl_st *tls =
        redis_tls_start(client->url->tls, client->context, client->url->host, error);
    if (tls == NULL)
        return false;
    enum redis_tls_step step;
    do
        step = redis_tls_step(tls, error);
    while (step == REDIS_TLS_READ || step == REDIS_TLS_WRITE);
    return step == REDIS_TLS_DONE;
}

static bool expect(struct client *client, struct redisReply *reply, struct error *error)
{
    if (reply == NULL)
        return error_set(error, "%s", client->error.text);
    freeReplyObject(reply);
    return true;
}

static bool greet(struct client *client, struct error *error)
{
    const struct redis_url *url = client->url;

    if (url->user[0] != '\0' &&
        !expect(client, client_ask(client, "AUTH %s %s", url->user, url->password), error))
        return false;
    if (url->user[0] == '\0' && url->password[0] != '\0' &&
        !expect(client, client_ask(client, "AUTH %s", url->password), error))
        return false;
    if (url->db != 0 && !expect(client, client_ask(client, "SELECT %d", url->db), error))
        return false;
    return expect(client, client_ask(client, "PING"), error);
}

/* Since TLS 1.3 the handshake is over before a server misses the client's certificate. */
static bool hint(const struct client *client, struct error *error)
{
    struct error lost = *error;

    if (client->url->tls != NULL && client->context->err != 0)
        (void)error_set(error, "%s; does it ask for a certificate (REELQ_REDIS_CERT)?", lost.text);
    return false;
}

static bool connect_to(struct client *client, int64_t reply_ms, struct error *error)
{
    const struct timeval limit = {.tv_sec = reply_ms / 1000, .tv_usec = reply_ms % 1000 * 1000};

    client->context = dial(client->url);
    if (client->context == NULL)
        return error_set(error, "Redis at %s: no memory", client->url->display);
    if (client->context->err != 0)
        return error_set(error, "Redis at %s: %s; is it running, and is REELQ_REDIS_URL right?",
                         client->url->display, client->context->errstr);
    (void)redisSetTimeout(client->context, limit);
    if (!secure(client, error))
        return error_prefix(error, "Redis at %s", client->url->display);
    return greet(client, error) || hint(client, error);
}

struct client *client_open(const struct redis_url *url, struct error *error)
{
    return client_open_within(url, REPLY_MS, error);
}

struct client *client_open_within(const struct redis_url *url, int64_t ms, struct error *error)
{
    struct client *client = xcalloc(1, sizeof(*client));

    client->url = url;
    if (connect_to(client, ms, error))
        return client;
    client_free(client);
    return NULL;
}

void client_free(struct client *client)
{
    if (client == NULL)
        return;
    if (client->context != NULL)
        redisFree(client->context);
    free(client);
}

/* --- commands --------------------------------------------------------------------------------- */

static struct redisReply *lost(struct client *client)
{
    const char *why = client->context->errstr;

    if (client->context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK))
        why = "no answer in time";
    error_set(&client->error, "Redis at %s: %s", client->url->display,
              why[0] != '\0' ? why : "connection lost");
    client->denied = false;
    return NULL;
}

static struct redisReply *refused(struct client *client, struct redisReply *reply)
{
    const char *user = client->url->user[0] != '\0' ? client->url->user : "default";

    client->denied = strncmp(reply->str, "NOPERM", 6) == 0;
    if (client->denied)
        error_set(&client->error,
                  "Redis refuses the user %s: %s; deploy/redis.acl says who may do what", user,
                  reply->str);
    else
        error_set(&client->error, "Redis at %s: %s", client->url->display, reply->str);
    freeReplyObject(reply);
    return NULL;
}

static struct redisReply *checked(struct client *client, struct redisReply *reply)
{
    if (reply == NULL)
        return lost(client);
    return reply->type == REDIS_REPLY_ERROR ? refused(client, reply) : reply;
}

struct redisReply *client_ask(struct client *client, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct redisReply *reply = redisvCommand(client->context, format, arguments);
    va_end(arguments);
    return checked(client, reply);
}

void client_queue(struct client *client, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)redisvAppendCommand(client->context, format, arguments);
    va_end(arguments);
}

void client_queue_words(struct client *client, int count, const char *const words[])
{
    (void)redisAppendCommandArgv(client->context, count, (const char **)words, NULL);
}

struct redisReply *client_next(struct client *client)
{
    void *reply = NULL;

    if (redisGetReply(client->context, &reply) != REDIS_OK)
        return lost(client);
    return checked(client, reply);
}

/* A failure shows when the reply is to be read. */
void client_flush(struct client *client)
{
    int done = 0;

    while (done == 0 && redisBufferWrite(client->context, &done) == REDIS_OK)
        ;
}

/* What is in the reader already; no reply and true when it holds no whole one. */
static bool read_buffered(struct client *client, void **reply)
{
    return redisReaderGetReply(client->context->reader, reply) == REDIS_OK;
}

struct redisReply *client_listen(struct client *client, int64_t ms, bool *alive)
{
    struct pollfd socket = {.fd = client->context->fd, .events = POLLIN};
    void *reply = NULL;

    *alive = read_buffered(client, &reply);
    if (*alive && reply == NULL && poll(&socket, 1, (int)ms) > 0)
        *alive = redisBufferRead(client->context) == REDIS_OK && read_buffered(client, &reply);
    if (!*alive)
        return lost(client);
    if (reply == NULL)
        return NULL;
    *alive = ((redisReply *)reply)->type != REDIS_REPLY_ERROR;
    return checked(client, reply);
}

const char *client_error(const struct client *client)
{
    return client->error.text;
}

bool client_denied(const struct client *client)
{
    return client->denied;
}

int64_t client_integer(struct redisReply *reply)
{
    int64_t value = 0;

    if (reply == NULL)
        return 0;
    if (reply->type == REDIS_REPLY_INTEGER)
        value = reply->integer;
    freeReplyObject(reply);
    return value;
}

struct slice client_text(const struct redisReply *reply, size_t i)
{
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || i >= reply->elements ||
        reply->element[i]->str == NULL)
        return slice_text(NULL);
    return slice_make(reply->element[i]->str, reply->element[i]->len);
}
