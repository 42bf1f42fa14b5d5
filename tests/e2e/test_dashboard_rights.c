/* The dashboard: who may see it, and change something by it. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/page.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"

static struct pipeline pipeline;
static struct page page;

static const char *admin(void)
{
    return page_address(pipeline.webhook);
}

static void command(const char *text)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, text);

    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
}

/* --- who may ---------------------------------------------------------------------------------- */

#define JSON_TYPE "Content-Type: application/json\r\n"
#define BEARER    "Authorization: Bearer " PAGE_TOKEN "\r\n"

static const struct {
    const char *headers;
    int status;
    const char *error; /* "": it is let in */
} changes[] = {
    {JSON_TYPE BEARER, 200, ""},
    {JSON_TYPE "Authorization: bearer another-token-of-old\r\n", 200, ""},
    {JSON_TYPE BEARER "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n", 200, ""},
    {JSON_TYPE BEARER "Host: [::1]:9090\r\nOrigin: http://[::1]:9090\r\n", 200, ""},
    {JSON_TYPE BEARER "Host: Reelq.Example:9090\r\nOrigin: https://reelq.example:9090\r\n", 200,
     ""},
    {"Content-Type: Application/JSON; charset=utf-8\r\n" BEARER, 200, ""},
    {JSON_TYPE, 401, "REELQ_ADMIN_TOKEN"},
    {JSON_TYPE "Authorization: Bearer " PAGE_TOKEN "x\r\n", 401, "REELQ_ADMIN_TOKEN"},
    {JSON_TYPE "Authorization: Basic " PAGE_TOKEN "\r\n", 401, "REELQ_ADMIN_TOKEN"},
    {JSON_TYPE BEARER BEARER, 401, "REELQ_ADMIN_TOKEN"},
    {JSON_TYPE BEARER "Origin: http://evil.example\r\n", 403, "origin"},
    {JSON_TYPE BEARER "Origin: http://localhost.evil.example\r\n", 403, "origin"},
    {JSON_TYPE BEARER "Origin: http://localhost:81\r\n", 403, "origin"},
    {JSON_TYPE BEARER "Origin: null\r\n", 403, "origin"},
    {JSON_TYPE BEARER "Sec-Fetch-Site: cross-site\r\n", 403, "site"},
    {JSON_TYPE BEARER "Sec-Fetch-Site: same-site\r\n", 403, "site"},
    {BEARER, 403, "Content-Type"},
    {"Content-Type: text/plain\r\n" BEARER, 403, "Content-Type"},
    {JSON_TYPE BEARER "Host: evil.example\r\nOrigin: http://evil.example\r\n", 403,
     "REELQ_ADMIN_HOSTS"},
};

Test(dashboard, lets_only_those_change_something_who_may)
{
    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .idle = true,
                       .webhook = LIST("REELQ_ADMIN_TOKEN=another-token-of-old, " PAGE_TOKEN,
                                       "REELQ_ADMIN_HOSTS=other, reelq.example")});
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        command("SET reelq:pause 1");
        int status = page_post(admin(), "/api/resume", changes[i].headers, "{}", &pipeline.answer);
        cr_expect_eq(status, changes[i].status, "%s: %d", changes[i].headers, status);
        if (changes[i].status != 200)
            pipeline_has(changes[i].headers, buffer_text(&pipeline.answer), changes[i].error);
        cr_expect_eq(redis_server_integer(pipeline.redis, "EXISTS reelq:pause"),
                     changes[i].status == 200 ? 0 : 1, "%s", changes[i].headers);
    }
    cr_expect_null(strstr(process_log(pipeline.webhook), PAGE_TOKEN));
    pipeline_stop(&pipeline);
}

Test(dashboard, is_for_looking_where_there_is_no_token)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    cr_expect_eq(page_change(admin(), "/api/pause", "{\"ms\":1000}", &pipeline.answer), 403);
    pipeline_has("why", buffer_text(&pipeline.answer), "REELQ_ADMIN_TOKEN is not set");
    cr_expect_eq(redis_server_integer(pipeline.redis, "EXISTS reelq:pause"), 0);
    pipeline_stop(&pipeline);
}

Test(dashboard, shows_nothing_by_a_name_that_is_not_its_own)
{
    static const char *const paths[] = {"/", "/events", "/api/task?id=a"};

    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        cr_expect_eq(page_get(admin(), paths[i], "Host: evil.example\r\n", &pipeline.answer), 403);
        cr_expect_eq(
            page_get(admin(), paths[i], "Host: 127.0.0.1.evil.example\r\n", &pipeline.answer), 403);
    }
    cr_expect_eq(page_get(admin(), "/", "Host: 192.0.2.1:9090\r\n", &pipeline.answer), 200);
    pipeline_has("headers", buffer_text(&pipeline.answer),
                 "Content-Security-Policy: default-src 'none'; script-src 'self'; ");
    pipeline_has("headers", buffer_text(&pipeline.answer), "\r\nCache-Control: no-store\r\n");
    cr_expect_eq(page_get(admin(), "/livez", "Host: any.example\r\n", &pipeline.answer), 200);
    cr_expect_eq(page_get(admin(), "/../main.c", "", &pipeline.answer), 404);
    pipeline_has("headers", buffer_text(&pipeline.answer),
                 "\r\nX-Content-Type-Options: nosniff\r\n");
    cr_expect_eq(page_get(admin(), "/api/retry", "", &pipeline.answer), 405);
    pipeline_stop(&pipeline);
}

/* --- rights ----------------------------------------------------------------------------------- */

/* A second webhook, whose dashboard comes to Redis as this user. */
static struct process *start_as(const char *user)
{
    char *own = redis_users_url(pipeline.redis, REDIS_USERS_WEBHOOK);
    char *url = redis_users_url(pipeline.redis, user);
    char *words[2] = {xasprintf("REELQ_REDIS_URL=%s", own),
                      xasprintf("REELQ_ADMIN_REDIS_URL=%s", url)};
    const char *environment[] = {
        words[0], words[1], "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=127.0.0.1:0",
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the token belongs to its name */
        "REELQ_ADMIN_TOKEN=" PAGE_TOKEN, NULL};
    struct process *webhook =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-webhook", NULL, environment});

    free(own);
    free(url);
    free(words[0]);
    free(words[1]);
    return webhook;
}

static void end(struct process *webhook)
{
    process_signal(webhook, SIGTERM);
    cr_expect_eq(process_wait(webhook), 0, "%s", process_log(webhook));
    cr_expect_null(strstr(process_log(webhook), "word-of"), "%s", process_log(webhook));
    process_free(webhook);
}

Test(dashboard, says_which_right_it_has_not)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.users = true});
    pipeline_submit(&pipeline, "{\"id\":\"d\",\"url\":\"https://e.com/missing.mp4\","
                               "\"index\":[],\"max_attempts\":1,\"batch\":\"b\"}");
    (void)pipeline_await(&pipeline, "failed", "d");
    page_open(&page, admin());
    pipeline_has("webhook", page_await(&page, "summary", "\"redis\":false"), "NOPERM");
    pipeline_has("webhook", page_await(&page, "summary", "\"redis\":false"),
                 "Set REELQ_ADMIN_REDIS_URL");
    page_close(&page);

    struct process *webhook = start_as(REDIS_USERS_OBSERVER);
    page_open(&page, page_address(webhook));
    (void)page_await(&page, "batches", "\"id\":\"b\"");
    (void)page_await(&page, "failed", "\"id\":\"d\"");
    cr_expect_eq(
        page_change(page_address(webhook), "/api/retry", "{\"id\":\"d\"}", &pipeline.answer), 403);
    pipeline_has("observer", buffer_text(&pipeline.answer), "reelq-operator");
    page_close(&page);
    end(webhook);

    webhook = start_as(REDIS_USERS_OPERATOR);
    const char *address = page_address(webhook);
    cr_expect_eq(page_get(address, "/api/task?id=d", "", &pipeline.answer), 200);
    cr_expect_eq(page_change(address, "/api/pause", "{\"ms\":5}", &pipeline.answer), 200);
    cr_expect_eq(page_change(address, "/api/resume", "{}", &pipeline.answer), 200);
    cr_expect_eq(page_change(address, "/api/retry", "{\"id\":\"d\"}", &pipeline.answer), 202);
    (void)pipeline_await_nth(&pipeline, "failed", "d", 2);
    end(webhook);
    pipeline_stop(&pipeline);
}
