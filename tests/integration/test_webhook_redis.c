/* The webhook program while Redis is away, and the secret that it finds there. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "integration/webhook_site.h"

enum { PATIENCE_MS = 10000 };

static const char *const usual[] = {"REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET, NULL};

/* --- Redis away ------------------------------------------------------------------------------- */

Test(webhook, holds_callbacks_while_redis_restarts)
{
    struct webhook_site site;

    webhook_site_open(&site, usual);
    redis_server_kill(site.redis);
    int first = webhook_site_send(&site, "first"), second = webhook_site_send(&site, "second");
    redis_server_restart(site.redis);
    raw_http_receive(first, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "%s", buffer_text(&site.answer));
    raw_http_receive(second, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "%s", buffer_text(&site.answer));
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:callbacks"), 2);
    webhook_site_close(&site);
}

static void expect_unavailable(const struct buffer *answer)
{
    cr_expect_eq(raw_http_status(answer), 503, "%s", buffer_text(answer));
    const char *header = strstr(buffer_text(answer), "\r\nRetry-After: ");
    cr_assert_not_null(header);
    long seconds = strtol(header + strlen("\r\nRetry-After: "), NULL, 10);
    cr_expect(seconds >= 1 && seconds <= 5, "Retry-After: %ld", seconds);
}

Test(webhook, gives_up_when_redis_stays_away)
{
    struct webhook_site site;

    webhook_site_open(&site, usual);
    redis_server_kill(site.redis);
    webhook_site_wait_ready(&site, false);
    int64_t begin = clock_monotonic_ms();
    raw_http_receive(webhook_site_send(&site, "a"), &site.answer);
    expect_unavailable(&site.answer);
    int64_t took = clock_monotonic_ms() - begin;
    cr_expect(took >= 1900 && took < 4000, "%lld ms", (long long)took);
    cr_expect_eq(raw_http_get(site.admin, "/livez", &site.answer), 200, "alive for all that");
    redis_server_restart(site.redis);
    webhook_site_wait_ready(&site, true);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "a", "{}"), 200);
    webhook_site_close(&site);
}

Test(webhook, gives_up_when_redis_does_not_answer)
{
    struct webhook_site site;

    webhook_site_open(&site, usual);
    redis_server_pause(site.redis);
    raw_http_receive(webhook_site_send(&site, "a"), &site.answer);
    expect_unavailable(&site.answer);
    redis_server_resume(site.redis);
    webhook_site_wait_ready(&site, true);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "a", "{}"), 200);
    webhook_site_close(&site);
}

Test(webhook, does_not_take_an_error_for_success)
{
    struct webhook_site site;

    webhook_site_open(&site, usual);
    freeReplyObject(redis_server_command(site.redis, "SET reelq:callbacks x"));
    int fd = webhook_site_send(&site, "a");
    cr_expect(process_wait_log(site.webhook, "push-refused", 1, PATIENCE_MS));
    freeReplyObject(redis_server_command(site.redis, "DEL reelq:callbacks"));
    raw_http_receive(fd, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "tried again");
    freeReplyObject(redis_server_command(site.redis, "SET reelq:callbacks x"));
    raw_http_receive(webhook_site_send(&site, "b"), &site.answer);
    expect_unavailable(&site.answer);
    webhook_site_close(&site);
}

/* --- the agreed secret ------------------------------------------------------------------------ */

Test(webhook, agrees_on_a_secret)
{
    struct webhook_site site;

    webhook_site_open(&site, NULL);
    struct process *other = webhook_site_start(site.redis, NULL);
    struct webhook_site second = {.redis = site.redis, .answer = BUFFER(RAW_HTTP_MAX)};
    second.address = process_address(other, "public");
    second.admin = process_address(other, "admin");
    webhook_site_wait_ready(&second, true);
    redisReply *secret = redis_server_command(site.redis, "GET reelq:callback-secret");
    cr_assert_eq(secret->type, REDIS_REPLY_STRING);
    cr_expect_eq(secret->len, 64);
    cr_expect_eq(redis_server_integer(site.redis, "TTL reelq:callback-secret"), -1);
    cr_expect_eq(webhook_site_post(&site, secret->str, "a", "{}"), 200);
    cr_expect_eq(webhook_site_post(&second, secret->str, "a", "{}"), 200);
    cr_expect_eq(webhook_site_post(&second, WEBHOOK_SITE_SECRET, "a", "{}"), 404);
    freeReplyObject(secret);
    process_signal(other, SIGTERM);
    cr_expect_eq(process_wait(other), 0, "%s", process_log(other));
    process_free(other);
    buffer_clear(&second.answer);
    webhook_site_close(&site);
}

/* Callbacks signed by the secret that was lost are still on their way. */
Test(webhook, keeps_the_secret_that_redis_has_lost)
{
    struct webhook_site site;

    webhook_site_open(&site, NULL);
    redisReply *old = redis_server_command(site.redis, "GET reelq:callback-secret");
    redis_server_restart(site.redis);
    cr_expect(process_wait_log(site.webhook, "secret-agreed", 2, PATIENCE_MS));
    redisReply *new = redis_server_command(site.redis, "GET reelq:callback-secret");
    cr_expect_str_neq(new->str, old->str);
    cr_expect_eq(webhook_site_post(&site, old->str, "a", "{}"), 200);
    cr_expect_eq(webhook_site_post(&site, new->str, "a", "{}"), 200);
    freeReplyObject(old);
    freeReplyObject(new);
    webhook_site_close(&site);
}

Test(webhook, is_not_ready_before_it_knows_the_secret)
{
    struct webhook_site site = {.redis = redis_server_start(), .answer = BUFFER(RAW_HTTP_MAX)};

    redis_server_kill(site.redis);
    site.webhook = webhook_site_start(site.redis, NULL);
    site.address = process_address(site.webhook, "public");
    site.admin = process_address(site.webhook, "admin");
    cr_expect_eq(raw_http_get(site.admin, "/readyz", &site.answer), 503);
    cr_expect_not_null(strstr(raw_http_body(&site.answer), "secret: not known yet\n"));
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "a", "{}"), 503);
    expect_unavailable(&site.answer);
    cr_expect_eq(raw_http_get(site.address, "/webhooks/upload?id=a&n=1&sig=x", &site.answer), 404);
    redis_server_restart(site.redis);
    webhook_site_wait_ready(&site, true);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "a", "{}"), 404);
    webhook_site_close(&site);
}
