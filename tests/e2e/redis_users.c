#include "e2e/redis_users.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "support/temp_dir.h"

enum { MAX_OPTIONS = 16, REPLY_S = 30 };

__attribute__((noreturn)) static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "redis_users: %s: %s\n", what, detail);
    abort();
}

/* The two commands that docs/operations.md gives. */
static const char fill_in[] =
    "set -e; cp '%s' '%s'; cd '%s'\n"
    "for user in submitter webhook worker observer operator; do\n"
    "  password=word-of-reelq-$user\n"
    "  sed -i \"s/#SHA256-OF-THE-PASSWORD-OF-reelq-$user/#$(printf %%s \"$password\" | sha256sum |"
    " cut -c1-64)/\" redis.acl\n"
    "done\n"
    "sed -i 's/\\([~&]\\)reelq:/\\1%s/g' redis.acl\n"
    "echo 'user " REDIS_USERS_TESTER " on >word-of-" REDIS_USERS_TESTER
    " ~* &* +@all' >>redis.acl\n";

static char *write_file(const char *directory, const char *prefix)
{
    char *path = xasprintf("%s/redis.acl", directory);
    char *command = xasprintf(fill_in, REELQ_DEPLOY_DIR "/redis.acl", path, directory, prefix);

    /* NOLINTNEXTLINE(cert-env33-c): a recipe is for a shell, and nobody else has a say in it */
    if (system(command) != 0)
        fail("cannot make", path);
    free(command);
    return path;
}

struct redis_server *redis_users_start(const char *prefix, const char *const more[])
{
    char *directory = temp_dir_make("users");
    char *file = write_file(directory, prefix);
    const char *words[MAX_OPTIONS + 1] = {"--aclfile", file};

    for (size_t i = 0; more != NULL && more[i] != NULL && i + 2 < MAX_OPTIONS; i++)
        words[i + 2] = more[i];
    struct redis_server *server = redis_server_start_with(words);
    redis_server_login(server, REDIS_USERS_TESTER, "word-of-" REDIS_USERS_TESTER);
    free(file);
    temp_dir_remove(directory);
    return server;
}

char *redis_users_url(const struct redis_server *server, const char *user)
{
    if (user == NULL)
        return xstrdup(redis_server_url(server));
    return xasprintf("unix://%s:word-of-%s@%s", user, user, redis_server_path(server));
}

struct redisContext *redis_users_dial(const char *path, const char *user)
{
    struct timeval limit = {.tv_sec = REPLY_S};
    redisContext *connection = redisConnectUnixWithTimeout(path, limit);

    if (connection == NULL || connection->err != 0)
        fail("connect", connection != NULL ? connection->errstr : "no memory");
    redisSetTimeout(connection, limit);
    if (user == NULL)
        return connection;
    redisReply *reply = redisCommand(connection, "AUTH %s word-of-%s", user, user);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
        fail("AUTH", reply != NULL ? reply->str : connection->errstr);
    freeReplyObject(reply);
    return connection;
}
