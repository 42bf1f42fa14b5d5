/* client - one blocking connection to Redis: a command, its reply, or one line that says why not.
 */
#ifndef REELQ_CLI_CLIENT_H
#define REELQ_CLI_CLIENT_H

#include "base/error.h"
#include "base/slice.h"
#include "net/redis_url.h"

struct client;
struct redisReply;

/* Connects, and logs in where the URL has a password. NULL and an error that says where Redis was
 * looked for. The URL is borrowed. */
struct client *client_open(const struct redis_url *url, struct error *error);

/* The same where a reply may take only so long, and not 30 s. */
struct client *client_open_within(const struct redis_url *url, int64_t ms, struct error *error);
void client_free(struct client *client); /* NULL is allowed */

/* One command as for redisCommand(): %s is one whole argument, %b bytes and their number. NULL when
 * there is no reply, or an error in its place: see client_error(). The caller frees the reply with
 * freeReplyObject(). */
struct redisReply *client_ask(struct client *client, const char *format, ...);

/* The same in two halves, so that many commands share one round trip. */
void client_queue(struct client *client, const char *format, ...);
void client_queue_words(struct client *client, int count, const char *const words[]);
struct redisReply *client_next(struct client *client);

/* Sends what is queued, for client_listen(), which then gets the replies as they come. */
void client_flush(struct client *client);

/* Waits at most `ms` for what comes by itself (a message of a channel). NULL and true: nothing has
 * come yet, or a signal has; NULL and false: the connection is lost. */
struct redisReply *client_listen(struct client *client, int64_t ms, bool *alive);

/* Of the last failure: a line for people. And was it that the user has no right to do it? */
const char *client_error(const struct client *client);
bool client_denied(const struct client *client);

/* An integer reply, and 0 for NULL; takes the reply. */
int64_t client_integer(struct redisReply *reply);

/* Element `i` of an array as text, empty for nil, as long as the reply lives. */
struct slice client_text(const struct redisReply *reply, size_t i);

#endif
