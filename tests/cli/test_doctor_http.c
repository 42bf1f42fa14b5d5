/* reelq doctor: VideoDB, the public URL, and the programs of this machine. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/cli_site.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"
#include "support/scripted_api.h"
#include "support/wait.h"

#define OFF "REELQ_ADMIN_LISTEN=off "

static struct pipeline pipeline;
static struct cli_site site;
static struct loop *loop;
static struct scripted_api api;

/* --- the real ones ---------------------------------------------------------------------------- */

static void start_pipeline(const struct pipeline_options *options)
{
    pipeline_start(&pipeline, options);
    site = (struct cli_site){.redis = pipeline.redis};
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    while (redis_server_integer(pipeline.redis, "ZCARD reelq:workers") == 0)
        cr_assert_lt(clock_monotonic_ms(), end_ms, "no worker");
}

static void stop_pipeline(void)
{
    cli_clear(&site);
    pipeline_stop(&pipeline);
}

Test(doctor, all_is_well)
{
    start_pipeline(&(struct pipeline_options){.redis = LIST("--appendonly", "yes"),
                                              .sandbox = LIST("--key", "sk-e2e")});
    cr_expect_eq(cli_run(&site,
                         "VIDEO_DB_API_KEY=sk-e2e VIDEO_DB_BASE_URL=http://%s "
                         "REELQ_PUBLIC_URL=http://%s REELQ_CALLBACK_SECRET=%s "
                         "REELQ_ADMIN_LISTEN=%s $REELQ doctor",
                         pipeline.sandbox_address, pipeline.webhook_address, PIPELINE_SECRET,
                         process_address(pipeline.webhook, "admin")),
                 0);
    cli_has(&site, "  ok    maxmemory-policy noeviction\n  ok    appendonly yes\n");
    cli_has(&site, "  ok    1 worker is up\n  ok    0 tasks have failed\n");
    cli_has(&site, " takes the key\n");
    cli_has(&site, " leads to reelq-webhook\n");
    cli_has(&site, " is ready\n");
    cli_has_not(&site, "warn");
    cli_has_not(&site, "sk-e2e");
    cli_has_not(&site, PIPELINE_SECRET);
    stop_pipeline();
}

Test(doctor, a_key_that_is_refused)
{
    start_pipeline(&(struct pipeline_options){.sandbox = LIST("--key", "sk-e2e")});
    cr_expect_eq(cli_run(&site,
                         OFF "VIDEO_DB_API_KEY=sk-other VIDEO_DB_BASE_URL=http://%s $REELQ doctor",
                         pipeline.sandbox_address),
                 1);
    cli_has(&site, " refuses the key: 401: put a good key into VIDEO_DB_API_KEY");
    stop_pipeline();
}

static int look_at_public(const char *more)
{
    return cli_run(&site, OFF "%s REELQ_PUBLIC_URL=http://%s $REELQ doctor", more,
                   pipeline.webhook_address);
}

Test(doctor, the_secret_that_is_agreed_on)
{
    start_pipeline(&(struct pipeline_options){.agreed = true});
    cr_assert(process_wait_log(pipeline.webhook, "secret-agreed", 1, PIPELINE_WAIT_MS));
    cr_expect_eq(look_at_public(""), 6);
    cli_has(&site, " leads to reelq-webhook\n");
    cr_expect_eq(look_at_public("REELQ_CALLBACK_SECRET=sixteen-bytes-or-more"), 1);
    cli_has(&site, " leads to a reelq-webhook that refuses our signature: ");
    stop_pipeline();
}

Test(doctor, an_observer_does_not_know_the_secret)
{
    start_pipeline(&(struct pipeline_options){.users = true});
    site.user = REDIS_USERS_OBSERVER;
    cr_expect_eq(look_at_public(""), 6);
    cli_has(&site, "  warn  http://");
    cli_has(&site, " leads to a reelq-webhook: with REELQ_CALLBACK_SECRET, or as a user who may");
    cr_expect_eq(look_at_public("REELQ_CALLBACK_SECRET=" PIPELINE_SECRET), 6);
    cli_has(&site, " leads to reelq-webhook\n");
    stop_pipeline();
}

/* --- others ----------------------------------------------------------------------------------- */

static void start(void)
{
    loop = loop_new();
    site = (struct cli_site){.redis = redis_server_start()};
}

static void stop(void)
{
    scripted_api_stop(&api);
    cli_clear(&site);
    redis_server_stop(site.redis);
    loop_free(loop);
}

static bool has_ended(void *process)
{
    return process_ended(process);
}

/* With `setting` of the address of a server that gives this reply. */
static void ask(const char *setting, const char *reply)
{
    struct scripted_step step = {SCRIPTED_REPLY_CLOSE, reply};

    scripted_api_stop(&api);
    api = (struct scripted_api){0};
    scripted_api_start(&api, loop, &step, 1);
    const char *address = strstr(setting, "ADMIN") != NULL ? api.url + strlen("http://") : api.url;
    process_free(site.last);
    char *whole = xasprintf("%s=%s; export %.*s VIDEO_DB_API_KEY=sk-doctor "
                            "REELQ_CALLBACK_SECRET=sixteen-bytes-or-more; exec $REELQ doctor",
                            setting, address, (int)strcspn(setting, "="), setting);
    site.last = cli_start(&site, "%s", whole);
    free(whole);
    cr_assert(wait_until(loop, has_ended, site.last, 15000));
}

Test(doctor, what_videodb_may_answer, .init = start, .fini = stop)
{
    static const char *const cases[][2] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}", " takes the key\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"success\":false}",
         " answers 200, not as VideoDB does: is VIDEO_DB_BASE_URL that of the API?\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ", not as VideoDB does: "},
        {"HTTP/1.1 402 No\r\nContent-Length: 0\r\n\r\n", " refuses the account: 402: pay, or"},
        {"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "  warn  VideoDB at "},
        {"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
         " answers 302, not as VideoDB does: "},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ask("VIDEO_DB_BASE_URL", cases[i][0]);
        cli_has(&site, cases[i][1]);
        cr_expect_eq(api.requests, 1, "%u", api.requests);
        cr_expect_not_null(strstr(api.last, "GET /collection/default HTTP/1.1\r\n"), "%s",
                           api.last);
        cr_expect_not_null(strstr(api.last, "x-access-token: sk-doctor\r\n"), "%s", api.last);
    }
}

Test(doctor, what_may_stand_behind_the_public_url, .init = start, .fini = stop)
{
    static const char *const cases[][2] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
         " answers 200, not as reelq-webhook does: "
         "something else answers there"},
        {"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi", " answers 404, not as reelq-webhook"},
        {"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", " answers 405, not as reelq-webhook"},
        {"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", ": is reelq-webhook up, and does the"},
        {"HTTP/1.1 301 No\r\nContent-Length: 0\r\n\r\n", ": redirects are not followed: set"},
        {"HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nnot found\n", " refuses our signature: "},
        {"HTTP/1.1 405 No\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n",
         " leads to reelq-webhook\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ask("REELQ_PUBLIC_URL", cases[i][0]);
        cli_has(&site, cases[i][1]);
        cr_expect_not_null(strstr(api.last, "GET /webhooks/upload?id=%2Fdoctor&n=1&exp="), "%s",
                           api.last);
        cr_expect_null(strstr(api.last, "sk-doctor"), "%s", api.last);
    }
}

Test(doctor, what_a_program_may_say, .init = start, .fini = stop)
{
    ask("REELQ_ADMIN_LISTEN", "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n"
                              "spool: degraded, 3 callbacks wait\n\r\n");
    cli_has(&site, ": spool: degraded, 3 callbacks wait: callbacks are safe, and wait for Redis");
    ask("REELQ_ADMIN_LISTEN", "HTTP/1.1 503 No\r\nContent-Length: 18\r\n\r\nredis: away\napi: x");
    cli_has(&site, " is not ready: redis: away; api: x: look at its log\n");
    cr_expect_not_null(strstr(api.last, "GET /readyz "));
}

Test(doctor, nobody_there, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, OFF "VIDEO_DB_API_KEY=k VIDEO_DB_BASE_URL=http://127.0.0.1:1 "
                                    "REELQ_PUBLIC_URL=http://127.0.0.1:1/x $REELQ doctor"),
                 1);
    cli_has(&site, "  fail  VideoDB at http://127.0.0.1:1: Failed to connect");
    cli_has(&site, "  fail  http://127.0.0.1:1/x: Failed to connect");
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=127.0.0.1:1 $REELQ doctor"), 1);
    cli_has_not(&site, "the program at");
    cli_has(&site, "  warn  VIDEO_DB_API_KEY is not set: the workers have it elsewhere");
    cli_has(&site, "  ok    REELQ_PUBLIC_URL is not set here");
}

Test(doctor, the_key_is_not_sent_in_the_clear, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, OFF "VIDEO_DB_API_KEY=k VIDEO_DB_BASE_URL=http://videodb.example "
                                    "$REELQ doctor"),
                 1);
    cli_has(&site, "  fail  VIDEO_DB_BASE_URL is http://videodb.example: use https://, or the key");
}

/* Other commands do not look at it. */
Test(doctor, settings_of_the_doctor_alone, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "VIDEO_DB_API_KEY_FILE=/nowhere $REELQ status"), 0);
    cr_expect_eq(cli_run(&site, "VIDEO_DB_API_KEY_FILE=/nowhere $REELQ doctor"), 1);
    cli_says(&site, "VIDEO_DB_API_KEY_FILE: cannot open /nowhere: ");
}
