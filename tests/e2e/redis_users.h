/* redis_users - the users of deploy/redis.acl in a Redis of a test: their names are their
 * passwords, and REDIS_USERS_TESTER, who is not in the file, may do everything. */
#ifndef REELQ_E2E_REDIS_USERS_H
#define REELQ_E2E_REDIS_USERS_H

#include "support/redis_server.h"

#define REDIS_USERS_TESTER    "tester"
#define REDIS_USERS_SUBMITTER "reelq-submitter"
#define REDIS_USERS_WEBHOOK   "reelq-webhook"
#define REDIS_USERS_WORKER    "reelq-worker"
#define REDIS_USERS_OBSERVER  "reelq-observer"
#define REDIS_USERS_OPERATOR  "reelq-operator"

struct redisContext;

/* Starts a Redis with that file, its passwords filled in and `prefix` in place of "reelq:" by the
 * commands of docs/operations.md, and more options (NULL: none). Its own connection is the
 * tester's. */
struct redis_server *redis_users_start(const char *prefix, const char *const more[]);

/* The URL by which `user` comes; NULL: nobody in particular. The caller frees it. */
char *redis_users_url(const struct redis_server *server, const char *user);

/* A connection of that user, for redisFree(). */
struct redisContext *redis_users_dial(const char *path, const char *user);

#endif
