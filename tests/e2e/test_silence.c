/* No secret in anything that the real programs say, whatever goes wrong: bad values, a Redis that
 * refuses, that is away, or that repeats what it was sent, an API that does so. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_table.h"
#include "base/xalloc.h"
#include "e2e/pipeline.h"
#include "support/fake_redis.h"
#include "support/raw_http.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY          "canary-of-the-api-key"
#define SIGNS        "canary-of-the-callbacks"
#define OLD_SIGNS    "canary-of-older-callbacks"
#define CODED        "canary%2Fof%40redis"
#define PLAIN        "canary/of@redis"
#define KEY_SET      "VIDEO_DB_API_KEY=" KEY
#define SIGNS_SET    "REELQ_CALLBACK_SECRET=" SIGNS "," OLD_SIGNS
#define REDIS_SET    "REELQ_REDIS_URL=redis://user:" CODED "@127.0.0.1:1"

enum { LOOK_MS = 5, END_MS = 20000 };

static const struct {
    const char *path;
    enum config_program program;
} programs[] = {{REELQ_BIN_DIR "/reelq-worker", CONFIG_WORKER},
                {REELQ_BIN_DIR "/reelq-webhook", CONFIG_WEBHOOK}};

static void expect_silence(const char *what, const char *text)
{
    cr_expect_null(strstr(text, "canary"), "%s: %s", what, text);
}

static void expect_silent(const char *what, struct process *process)
{
    expect_silence(what, process_log(process));
    expect_silence(what, process_output(process));
}

/* Its exit status; everything it said is looked at. */
static int run(const char *program, const char *argument, const char *const *environment)
{
    struct process *process;
    const char *const *arguments = argument == NULL ? NULL : LIST(argument);
    int status = process_run(&(struct process_options){program, arguments, environment}, &process);

    expect_silent(environment[0], process);
    process_free(process);
    return status;
}

/* --- the configuration ------------------------------------------------------------------------ */

Test(silence, about_itself)
{
    static const char *const arguments[] = {"--help", "--version", "--check-config"};

    for (size_t i = 0; i < COUNT(programs); i++) {
        for (size_t j = 0; j < COUNT(arguments); j++)
            cr_expect_eq(run(programs[i].path, arguments[j],
                             LIST(KEY_SET, SIGNS_SET, REDIS_SET, "REELQ_LOG_LEVEL=debug")),
                         0, "%s", arguments[j]);
        cr_expect_eq(run(programs[i].path, "--api-key=" KEY, LIST(KEY_SET)), 1);
    }
}

/* Of each variable in turn, when all secrets are set. */
Test(silence, about_bad_values)
{
    for (size_t i = 0; i < COUNT(programs); i++)
        for (const struct config_setting *s = config_table; s->name != NULL; s++) {
            if ((s->programs & (unsigned)programs[i].program) == 0)
                continue;
            char *bad = xasprintf("%s=\x01 canary-of-a-bad-value", s->name);
            bool secret = (s->traits & CONFIG_IS_SECRET) != 0;
            if (!secret)
                bad[strcspn(bad, " ")] = '\0';
            cr_expect_eq(run(programs[i].path, NULL, LIST(bad, KEY_SET, SIGNS_SET, REDIS_SET)), 1,
                         "%s", s->name);
            free(bad);
        }
}

static const char *const bad_secrets[] = {
    "REELQ_REDIS_URL=http://user:" CODED "@h",
    "REELQ_REDIS_URL=redis:user:" CODED "@h",
    "REELQ_REDIS_URL=user:" CODED "@h:6379",
    "REELQ_REDIS_URL=redis://user:" CODED "@h:99999",
    "REELQ_REDIS_URL=redis://user:" CODED "@h:1/canary",
    "REELQ_REDIS_URL=redis://user:" CODED "@",
    "REELQ_REDIS_URL=redis://user:canary%zz@h",
    "REELQ_REDIS_URL=redis://user:" PLAIN "@h:x",
    "REELQ_REDIS_URL=redis://user:canary#of?redis@h:x",
    "REELQ_REDIS_URL=redis://" CODED "@h:x",
    "REELQ_REDIS_URL=unix://user:" CODED "@",
    "REELQ_REDIS_URL=unix://user:" CODED "@/run/x?db=y",
    "REELQ_CALLBACK_SECRET=canary",
    "REELQ_CALLBACK_SECRET=" SIGNS ",canary",
    "REELQ_CALLBACK_SECRET=" SIGNS ",",
    "REELQ_API_KEY=canary",
    "REELQ_REDIS_PASSWORD=canary",
};

Test(silence, about_bad_secrets)
{
    for (size_t i = 0; i < COUNT(programs); i++)
        for (size_t j = 0; j < COUNT(bad_secrets); j++)
            cr_expect_eq(run(programs[i].path, NULL, LIST(bad_secrets[j], KEY_SET)), 1, "%s",
                         bad_secrets[j]);
    cr_expect_eq(run(programs[0].path, NULL,
                     LIST("VIDEO_DB_BASE_URL=https://user:canary@example.com", KEY_SET)),
                 1);
    cr_expect_eq(
        run(programs[0].path, NULL, LIST("REELQ_PUBLIC_URL=https://canary@example.com", KEY_SET)),
        1);
}

/* --- Redis ------------------------------------------------------------------------------------ */

#define QUOTE "AUTH user " PLAIN " " CODED " " SIGNS " " OLD_SIGNS "\r\n"

/* What this one answers; NULL: as a server would that is well. */
struct hostile {
    const char *name, *to_auth, *to_ping, *to_others;
    bool ends; /* the program, with status 1 */
    const char *says;
};

static const struct hostile hostiles[] = {
    {"wrong password", "-WRONGPASS " QUOTE, NULL, NULL, true, "wrong user or password"},
    {"no permission", "-NOPERM " QUOTE, NULL, NULL, true, "NOPERM"},
    {"unknown command", "-ERR unknown command, with args " QUOTE, NULL, NULL, false,
     "unknown error"},
    {"not the protocol", "canary " QUOTE, NULL, NULL, false, "redis-"},
    {"loading", NULL, "-LOADING " QUOTE, NULL, false, "LOADING"},
    {"broken later", NULL, NULL, "-ERR " QUOTE, false, "***"},
};

static const char *answer(const char *name, unsigned number, void *arg)
{
    const struct hostile *hostile = arg;
    const char *wanted = hostile->to_others;

    (void)number;
    if (strcasecmp(name, "AUTH") == 0)
        wanted = hostile->to_auth;
    if (strcasecmp(name, "PING") == 0)
        wanted = hostile->to_ping;
    if (strcasecmp(name, "CLIENT") == 0 || strcasecmp(name, "UNLINK") == 0)
        wanted = NULL;
    return wanted != NULL ? wanted : "+OK\r\n";
}

/* Runs the fake's loop until the program has said `text`, or ended. */
struct wait {
    struct loop *loop;
    struct loop_timer look;
    struct process *process;
    const char *text;
    int64_t left_ms;
};

static void on_look(void *arg)
{
    struct wait *wait = arg;

    wait->left_ms -= LOOK_MS;
    if (process_ended(wait->process) || strstr(process_log(wait->process), wait->text) != NULL ||
        wait->left_ms <= 0)
        loop_stop(wait->loop);
    else
        loop_timer_start(&wait->look, LOOK_MS);
}

static void await_word(struct loop *loop, struct process *process, const char *text)
{
    struct wait wait = {.loop = loop, .process = process, .text = text, .left_ms = END_MS};

    loop_timer_init(&wait.look, loop, on_look, &wait);
    loop_timer_start(&wait.look, LOOK_MS);
    loop_run(loop);
    loop_timer_clear(&wait.look);
}

static void expect_silent_pages(const char *what, struct process *process)
{
    static const char *const paths[] = {"/livez", "/readyz", "/metrics", "/canary"};
    const char *address = process_address(process, "admin");
    struct buffer page = BUFFER(1 << 20);

    for (size_t i = 0; i < COUNT(paths); i++) {
        cr_expect_gt(raw_http_get(address, paths[i], &page), 0);
        expect_silence(what, buffer_text(&page));
    }
    buffer_clear(&page);
}

static void expect_silence_with(struct loop *loop, const struct hostile *hostile,
                                const char *program)
{
    struct hostile copy = *hostile;
    struct fake_redis *fake = fake_redis_new(loop, answer, &copy);
    struct redis_url at = fake_redis_url(fake);
    char *url = xasprintf("REELQ_REDIS_URL=redis://user:%s@127.0.0.1:%d", CODED, at.port);
    const char *const *words = LIST(url, KEY_SET, SIGNS_SET, "REELQ_LOG_LEVEL=debug",
                                    "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=127.0.0.1:0");
    struct process *process = process_start(&(struct process_options){program, NULL, words});

    await_word(loop, process, hostile->says);
    cr_expect_not_null(strstr(process_log(process), hostile->says), "%s %s: %s", program,
                       hostile->name, process_log(process));
    if (hostile->ends)
        cr_expect_eq(process_wait(process), 1, "%s %s", program, hostile->name);
    else
        expect_silent_pages(hostile->name, process);
    expect_silent(hostile->name, process);
    process_free(process);
    redis_url_clear(&at);
    fake_redis_free(fake);
    free(url);
}

Test(silence, about_a_redis_that_repeats_what_it_is_sent)
{
    struct loop *loop = loop_new();

    for (size_t i = 0; i < COUNT(hostiles); i++)
        expect_silence_with(loop, &hostiles[i], programs[0].path);
    /* The webhook sends nothing by itself, so nothing can break later. */
    for (size_t i = 0; i + 1 < COUNT(hostiles); i++)
        expect_silence_with(loop, &hostiles[i], programs[1].path);
    loop_free(loop);
}

Test(silence, about_a_redis_that_is_away)
{
    for (size_t i = 0; i < COUNT(programs); i++) {
        struct process *process = process_start(&(struct process_options){
            programs[i].path, NULL,
            LIST(REDIS_SET, KEY_SET, SIGNS_SET, "REELQ_LOG_LEVEL=debug", "REELQ_LISTEN=127.0.0.1:0",
                 "REELQ_ADMIN_LISTEN=127.0.0.1:0")});
        cr_expect(process_wait_log(process, "redis-away", 1, END_MS));
        expect_silent_pages("away", process);
        process_signal(process, SIGTERM);
        cr_expect_eq(process_wait(process), 0);
        expect_silent("away", process);
        process_free(process);
    }
}
