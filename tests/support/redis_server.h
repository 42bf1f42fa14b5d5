/* redis_server - a private redis-server on a unix socket in a temporary directory, without a port.
 * What cannot be done ends the test process with a line that says why; the server ends with the
 * thread that started it, whatever happens. Calls block: they are for tests, not for loops. */
#ifndef REELQ_TESTS_REDIS_SERVER_H
#define REELQ_TESTS_REDIS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/redis_url.h"

struct redis_server;
struct redisReply;

/* Starts one that saves nothing, and returns when it answers. $REDIS_SERVER names another program
 * than redis-server. */
struct redis_server *redis_server_start(void);

/* The same with more options, ended by NULL: {"--requirepass", "x", NULL}. Its working directory is
 * the temporary one, so "--appendonly yes" survives redis_server_restart(). At most 16 words. */
struct redis_server *redis_server_start_with(const char *const options[]);

/* From now on redis_server_command() comes as this user; texts are copied. */
void redis_server_login(struct redis_server *server, const char *user, const char *password);

/* Kills it and removes the directory. NULL is allowed. */
void redis_server_stop(struct redis_server *server);

/* "unix:///tmp/.../redis.sock", and the path alone; valid until redis_server_stop(). */
const char *redis_server_url(const struct redis_server *server);
const char *redis_server_path(const struct redis_server *server);

/* The URL parsed; with a user info ("user:password@") or a query ("?db=3") if not NULL. To be
 * cleared by the caller. */
struct redis_url redis_server_parsed_url(const struct redis_server *server, const char *userinfo,
                                         const char *query);

/* The process, or -1 between redis_server_kill() and redis_server_restart(). */
pid_t redis_server_pid(const struct redis_server *server);

/* SIGKILL, and waits for its end. */
void redis_server_kill(struct redis_server *server);

/* Starts it again with the same options in the same place, after killing it where needed, and
 * returns when it answers. */
void redis_server_restart(struct redis_server *server);

/* Its two halves: the first returns at once, the second when the server answers. */
void redis_server_launch(struct redis_server *server);
void redis_server_await(struct redis_server *server);

/* SIGSTOP and SIGCONT: connections stay, nothing is answered. */
void redis_server_pause(struct redis_server *server);
void redis_server_resume(struct redis_server *server);

/* Runs one command (printf-like, as redisCommand(): %s is one whole argument, %b bytes) on a
 * connection of its own that stays open. The reply is never NULL; the caller frees it with
 * freeReplyObject(). */
struct redisReply *redis_server_command(struct redis_server *server, const char *format, ...);

/* The same where only an integer is of interest; a reply of another type ends the test. */
long long redis_server_integer(struct redis_server *server, const char *format, ...);

#endif
