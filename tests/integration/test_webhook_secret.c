/* A new secret in place of the one that is agreed on in Redis, while everything runs. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "integration/webhook_site.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NEW          "new-secret-0123456789abcdef"
#define THIRD        "third-secret-0123456789abcdef"

enum { PATIENCE_MS = 10000 };

/* The webhook reads the key every now and then, and when it connects, which is now. */
static void read_again(struct webhook_site *site, unsigned lines)
{
    (void)redis_server_integer(site->redis, "CLIENT KILL TYPE normal");
    cr_assert(process_wait_log(site->webhook, "secret-agreed", lines, PATIENCE_MS), "%s",
              process_log(site->webhook));
    webhook_site_wait_ready(site, true);
}

/* What an operator writes, step by step, and who may come in then. */
static const struct {
    const char *before;
    bool random; /* is the one that was agreed on between the two? */
    const char *after;
    int old, new, third;
} steps[] = {
    {"", true, "," NEW, 200, 200, 404},
    {NEW ",", true, "", 200, 200, 404},
    {NEW, false, "", 404, 200, 404},
    {THIRD, false, "", 404, 200, 200}, /* nothing of it was there: what was lost is kept */
    {THIRD "," NEW, false, "", 404, 200, 200},
    {THIRD, false, "", 404, 404, 200},
};

Test(webhook_secret, is_rotated_in_redis)
{
    struct webhook_site site;

    webhook_site_open(&site, NULL);
    redisReply *old = redis_server_command(site.redis, "GET reelq:callback-secret");
    for (unsigned i = 0; i < COUNT(steps); i++) {
        char *list =
            xasprintf("%s%s%s", steps[i].before, steps[i].random ? old->str : "", steps[i].after);
        freeReplyObject(redis_server_command(site.redis, "SET reelq:callback-secret %s", list));
        read_again(&site, i + 2);
        cr_expect_eq(webhook_site_post(&site, old->str, "a", "{}"), steps[i].old, "step %u", i);
        cr_expect_eq(webhook_site_post(&site, NEW, "a", "{}"), steps[i].new, "step %u", i);
        cr_expect_eq(webhook_site_post(&site, THIRD, "a", "{}"), steps[i].third, "step %u", i);
        free(list);
    }
    const char *log = process_log(site.webhook);
    cr_expect_null(strstr(log, old->str), "%s", log);
    cr_expect_null(strstr(log, NEW), "%s", log);
    freeReplyObject(old);
    webhook_site_close(&site);
}

/* Something else in its place: what was known goes on, and it is said. */
Test(webhook_secret, survives_what_is_none)
{
    struct webhook_site site;

    webhook_site_open(&site, NULL);
    redisReply *old = redis_server_command(site.redis, "GET reelq:callback-secret");
    freeReplyObject(redis_server_command(site.redis, "SET reelq:callback-secret hunter2"));
    (void)redis_server_integer(site.redis, "CLIENT KILL TYPE normal");
    cr_assert(process_wait_log(site.webhook, "what-stands-in-redis-is-none", 1, PATIENCE_MS));
    webhook_site_wait_ready(&site, true);
    cr_expect_eq(webhook_site_post(&site, old->str, "a", "{}"), 200);
    cr_expect_null(strstr(process_log(site.webhook), "hunter2"));
    freeReplyObject(old);
    webhook_site_close(&site);
}
