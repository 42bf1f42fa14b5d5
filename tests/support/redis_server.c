/* redis_server - fork, exec, connect until PONG. */
#include "support/redis_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "support/temp_dir.h"

enum { MAX_OPTIONS = 16, START_MS = 20000, POLL_NS = 2000000, REPLY_S = 20 };

struct redis_server {
    char *directory;
    char *path;
    char *url;
    char *options[MAX_OPTIONS + 1];
    pid_t pid;
    redisContext *connection; /* of redis_server_command(), NULL until it is needed */
    char *user, *password;    /* of that connection; NULL: nobody in particular */
};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)fputs("redis_server: ", stderr);
    (void)vfprintf(stderr, format, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    abort();
}

static void make_directory(struct redis_server *server)
{
    server->directory = temp_dir_make("redis");
    server->path = xasprintf("%s/redis.sock", server->directory);
    server->url = xasprintf("unix://%s", server->path);
}

/* Starting. */

__attribute__((noreturn)) static void become_server(const struct redis_server *server, pid_t parent)
{
    const char *program = getenv("REDIS_SERVER");
    const char *fixed[] = {"redis-server",
                           "--port",
                           "0",
                           "--unixsocket",
                           server->path,
                           "--dir",
                           server->directory,
                           "--logfile",
                           "redis.log",
                           "--save",
                           "",
                           "--appendfsync",
                           "no"};
    const size_t count = sizeof(fixed) / sizeof(fixed[0]);
    const char *words[sizeof(fixed) / sizeof(fixed[0]) + MAX_OPTIONS + 1] = {NULL};
    int null = open("/dev/null", O_RDWR);
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    /* An orphan must not hold the pipes of the test open. */
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    memcpy(words, fixed, sizeof(fixed));
    memcpy(words + count, server->options, sizeof(server->options));
    execvp(program != NULL ? program : fixed[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

static redisContext *try_connect(const struct redis_server *server)
{
    struct timeval limit = {.tv_sec = REPLY_S};
    redisContext *connection = redisConnectUnixWithTimeout(server->path, limit);

    if (connection != NULL && connection->err != 0) {
        redisFree(connection);
        return NULL;
    }
    if (connection != NULL) {
        redisSetTimeout(connection, limit);
    }
    return connection;
}

/* Any answer but -LOADING will do: with a password set, it is -NOAUTH. */
static bool answers(const struct redis_server *server)
{
    redisContext *connection = try_connect(server);
    redisReply *reply = connection != NULL ? redisCommand(connection, "PING") : NULL;
    bool good = reply != NULL && strncmp(reply->str, "LOADING", strlen("LOADING")) != 0;

    if (reply != NULL) {
        freeReplyObject(reply);
    }
    if (connection != NULL) {
        redisFree(connection);
    }
    return good;
}

void redis_server_await(struct redis_server *server)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    int64_t end = clock_monotonic_ms() + START_MS;
    int status;

    while (!answers(server)) {
        if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
            fail("the server ended with status %d; is redis-server installed?", status);
        }
        if (clock_monotonic_ms() > end) {
            fail("no answer at %s within %d ms", server->path, (int)START_MS);
        }
        nanosleep(&pause, NULL);
    }
}

static void launch(struct redis_server *server)
{
    pid_t parent = getpid();

    unlink(server->path);
    (void)fflush(NULL);
    server->pid = fork();
    if (server->pid == -1) {
        fail("cannot fork: %s", strerror(errno));
    }
    if (server->pid == 0) {
        become_server(server, parent);
    }
}

struct redis_server *redis_server_start(void)
{
    const char *const none[] = {NULL};

    return redis_server_start_with(none);
}

struct redis_server *redis_server_start_with(const char *const options[])
{
    struct redis_server *server = xcalloc(1, sizeof(*server));

    for (int i = 0; options[i] != NULL; i++) {
        if (i == MAX_OPTIONS) {
            fail("more than %d options", (int)MAX_OPTIONS);
        }
        server->options[i] = xstrdup(options[i]);
    }
    make_directory(server);
    launch(server);
    redis_server_await(server);
    return server;
}

/* While it runs. */

const char *redis_server_url(const struct redis_server *server)
{
    return server->url;
}

const char *redis_server_path(const struct redis_server *server)
{
    return server->path;
}

struct redis_url redis_server_parsed_url(const struct redis_server *server, const char *userinfo,
                                         const char *query)
{
    char *text = xasprintf("unix://%s%s%s", userinfo != NULL ? userinfo : "", server->path,
                           query != NULL ? query : "");
    struct redis_url url;
    struct error error;

    if (!redis_url_parse(&url, slice_text(text), &error)) {
        fail("%s: %s", text, error.text);
    }
    free(text);
    return url;
}

pid_t redis_server_pid(const struct redis_server *server)
{
    return server->pid;
}

void redis_server_pause(struct redis_server *server)
{
    int status;

    kill(server->pid, SIGSTOP);
    waitpid(server->pid, &status, WUNTRACED);
}

void redis_server_resume(struct redis_server *server)
{
    kill(server->pid, SIGCONT);
}

void redis_server_login(struct redis_server *server, const char *user, const char *password)
{
    server->user = xstrdup(user);
    server->password = xstrdup(password);
}

static void log_in(struct redis_server *server)
{
    redisReply *reply =
        redisCommand(server->connection, "AUTH %s %s", server->user, server->password);

    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        fail("AUTH %s: %s", server->user, reply != NULL ? reply->str : "no reply");
    }
    freeReplyObject(reply);
}

static redisReply *run(struct redis_server *server, const char *format, va_list ap)
{
    redisReply *reply;
    bool dialled = server->connection == NULL;

    if (dialled) {
        server->connection = try_connect(server);
    }
    if (server->connection == NULL) {
        fail("cannot connect to %s", server->path);
    }
    if (dialled && server->user != NULL) {
        log_in(server);
    }
    reply = redisvCommand(server->connection, format, ap);
    if (reply == NULL) {
        fail("no reply to %s: %s", format, server->connection->errstr);
    }
    return reply;
}

struct redisReply *redis_server_command(struct redis_server *server, const char *format, ...)
{
    struct redisReply *reply;
    va_list ap;

    va_start(ap, format);
    reply = run(server, format, ap);
    va_end(ap);
    return reply;
}

long long redis_server_integer(struct redis_server *server, const char *format, ...)
{
    struct redisReply *reply;
    long long value;
    va_list ap;

    va_start(ap, format);
    reply = run(server, format, ap);
    va_end(ap);
    if (reply->type != REDIS_REPLY_INTEGER) {
        fail("no integer in reply to %s: %s", format, reply->str != NULL ? reply->str : "");
    }
    value = reply->integer;
    freeReplyObject(reply);
    return value;
}

/* Ending. */

void redis_server_kill(struct redis_server *server)
{
    int status;

    if (server->connection != NULL) {
        redisFree(server->connection);
        server->connection = NULL;
    }
    if (server->pid > 0) {
        kill(server->pid, SIGKILL);
        waitpid(server->pid, &status, 0);
        server->pid = -1;
    }
}

void redis_server_launch(struct redis_server *server)
{
    redis_server_kill(server);
    launch(server);
}

void redis_server_restart(struct redis_server *server)
{
    redis_server_launch(server);
    redis_server_await(server);
}

void redis_server_stop(struct redis_server *server)
{
    if (server == NULL) {
        return;
    }
    redis_server_kill(server);
    temp_dir_remove(server->directory);
    for (int i = 0; server->options[i] != NULL; i++) {
        free(server->options[i]);
    }
    free(server->user);
    free(server->password);
    free(server->path);
    free(server->url);
    free(server);
}
