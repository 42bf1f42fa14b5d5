#include "cli/cli_site.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/redis_users.h"

static struct process *start(const struct cli_site *site, const char *command)
{
    static const char program[] = "REELQ=" REELQ_BIN_DIR "/reelq";
    char *address = redis_users_url(site->redis, site->user);
    char *url = xasprintf("REELQ_REDIS_URL=%s", address);
    const char *const arguments[] = {"-c", command, NULL};
    const char *const environment[] = {url, program, "TERM=xterm", "TZ=UTC", NULL};
    struct process *process =
        process_start(&(struct process_options){"/bin/sh", arguments, environment});

    free(url);
    free(address);
    return process;
}

__attribute__((format(printf, 1, 0))) static char *formatted(const char *format, va_list arguments)
{
    char *text = NULL;

    cr_assert_gt(vasprintf(&text, format, arguments), 0);
    return text;
}

/* A command that names the program itself is a script of its own. */
static char *script_of(const char *text, const char *before)
{
    return strstr(text, "$REELQ") != NULL ? xstrdup(text)
                                          : xasprintf("%s\"$REELQ\" %s", before, text);
}

struct process *cli_start(const struct cli_site *site, const char *command, ...)
{
    va_list arguments;

    va_start(arguments, command);
    char *text = formatted(command, arguments);
    va_end(arguments);
    char *whole = script_of(text, "exec ");
    struct process *process = start(site, whole);
    free(whole);
    free(text);
    return process;
}

int cli_run(struct cli_site *site, const char *command, ...)
{
    va_list arguments;

    va_start(arguments, command);
    char *text = formatted(command, arguments);
    va_end(arguments);
    char *whole = script_of(text, "");
    process_free(site->last);
    site->last = start(site, whole);
    free(whole);
    free(text);
    int status = process_wait(site->last);
    (void)fprintf(stderr, "%s%s-> %d\n", cli_output(site), cli_log(site), status);
    return status;
}

const char *cli_output(struct cli_site *site)
{
    return process_output(site->last);
}

const char *cli_log(struct cli_site *site)
{
    return process_log(site->last);
}

void cli_await_output(struct process *process, const char *part)
{
    int64_t end = clock_monotonic_ms() + PIPELINE_WAIT_MS;

    while (strstr(process_output(process), part) == NULL)
        cr_assert_lt(clock_monotonic_ms(), end, "\"%s\" is not in: %s", part,
                     process_output(process));
}

void cli_clear(struct cli_site *site)
{
    process_free(site->last);
    site->last = NULL;
}

void cli_has(struct cli_site *site, const char *part)
{
    cr_expect_not_null(strstr(cli_output(site), part), "\"%s\" is not in:\n%s", part,
                       cli_output(site));
}

void cli_has_not(struct cli_site *site, const char *part)
{
    cr_expect_null(strstr(cli_output(site), part), "\"%s\" is in:\n%s", part, cli_output(site));
}

void cli_says(struct cli_site *site, const char *part)
{
    cr_expect_not_null(strstr(cli_log(site), part), "\"%s\" is not in:\n%s", part, cli_log(site));
}

void cli_redis(struct cli_site *site, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = formatted(format, arguments);
    va_end(arguments);
    redisContext *tester = redis_users_dial(redis_server_path(site->redis),
                                            site->user != NULL ? REDIS_USERS_TESTER : NULL);
    redisReply *reply = redisCommand(tester, text);
    cr_assert_not_null(reply);
    cr_expect_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
    redisFree(tester);
    free(text);
}
