#include "chaos/connection.h"

#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stddef.h>

void connection_drop(struct connection *connection)
{
    if (connection->context != NULL)
        redisFree(connection->context);
    connection->context = NULL;
}

bool connection_open(struct connection *connection)
{
    if (connection->context != NULL)
        return true;
    connection->context = redisConnectUnixNonBlock(connection->path);
    if (connection->context != NULL && connection->context->err != 0)
        connection_drop(connection);
    return connection->context != NULL;
}

void connection_send(struct connection *connection, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)redisvAppendCommand(connection->context, format, ap);
    va_end(ap);
}

/* False when the connection has failed. */
static bool write_all(redisContext *context)
{
    int done = 0;

    return redisBufferWrite(context, &done) == REDIS_OK;
}

void connection_flush(struct connection *connection)
{
    if (connection->context != NULL)
        (void)write_all(connection->context);
}

enum connection_result connection_take(struct connection *connection, redisReply **reply)
{
    redisContext *context = connection->context;

    *reply = NULL;
    if (context == NULL)
        return CONNECTION_LOST;
    if (redisGetReplyFromReader(context, (void **)reply) == REDIS_OK && *reply != NULL)
        return CONNECTION_REPLY;
    if (write_all(context) && redisBufferRead(context) == REDIS_OK &&
        redisGetReplyFromReader(context, (void **)reply) == REDIS_OK)
        return *reply != NULL ? CONNECTION_REPLY : CONNECTION_NOTHING;
    connection_drop(connection);
    return CONNECTION_LOST;
}
