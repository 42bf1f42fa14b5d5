/* Callback URLs that have expired, and what the log tells of any of them. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "integration/spool_site.h"
#include "integration/webhook_site.h"

enum { SOON_S = 2, LOOK_AGAIN_MS = 5 };

static const char *const verbose[] = {"REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET,
                                      "REELQ_LOG_LEVEL=debug", NULL};

static uint64_t now_s(void)
{
    return (uint64_t)clock_wall_ms() / 1000;
}

static void expect_metric(struct webhook_site *site, const char *line)
{
    cr_assert_eq(raw_http_get(site->admin, "/metrics", &site->answer), 200);
    cr_expect_not_null(strstr(buffer_text(&site->answer), line), "no %s", line);
}

/* Counted by themselves, and said once, without a word of what they were. */
Test(webhook_expiry, is_made_visible)
{
    struct webhook_site site;

    webhook_site_open(&site, verbose);
    cr_expect_eq(webhook_site_post_until(&site, "in-time", now_s() + 3600), 200);
    cr_expect_eq(webhook_site_post(&site, "another-secret-0123456789", "forged", "{}"), 404);
    cr_expect_null(strstr(process_log(site.webhook), "callbacks-expired"));
    for (uint64_t ago = 0; ago < 3; ago++)
        cr_expect_eq(webhook_site_post_until(&site, "too-late", now_s() - ago), 404);
    expect_metric(&site, "\nreelq_callbacks_total{result=\"stored\"} 1\n");
    expect_metric(&site, "\nreelq_callbacks_total{result=\"expired\"} 3\n");
    expect_metric(&site, "\nreelq_callbacks_total{result=\"refused\"} 1\n");
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:callbacks"), 1);
    const char *log = process_log(site.webhook);
    cr_expect_eq(spool_site_occurrences(log, "callbacks-expired"), 1, "%s", log);
    cr_expect_null(strstr(log, "too-late"), "%s", log);
    webhook_site_close(&site);
}

/* What was taken in time is not refused later: nobody looks at the expiry again. */
Test(webhook_expiry, does_not_touch_the_spool)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    webhook_site_wait_ready(&site.web, true);
    uint64_t soon = now_s() + SOON_S;
    cr_expect_eq(webhook_site_post_until(&site.web, "kept", soon), 200, "in the spool");
    while (now_s() <= soon)
        (void)poll(NULL, 0, LOOK_AGAIN_MS); /* the expiry is a time, and nothing else */
    cr_expect_eq(webhook_site_post_until(&site.web, "kept", soon), 404, "expired by now");
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed");
    webhook_site_expect_envelope(&site.web, "{\"kind\":\"upload\",\"id\":\"kept\",\"call\":1,",
                                 ",\"body\":{\"success\":true}}");
    spool_site_close(&site);
}

/* At the level that says most: neither path, query, signature nor secret. */
Test(webhook_expiry, urls_are_not_logged)
{
    static const char *const never[] = {"/webhooks",         "sig=",      "exp=", "n=1",
                                        WEBHOOK_SITE_SECRET, "wrong-path"};
    char good[SIGNATURE_LENGTH + 1], over[SIGNATURE_LENGTH + 1];
    struct webhook_site site;

    webhook_site_open(&site, verbose);
    webhook_site_sign(WEBHOOK_SITE_SECRET, "upload", "t", good);
    webhook_site_sign_until("t", 1000000000, over);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "t", "{\"success\":true}"), 200);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "t", "no JSON"), 200);
    cr_expect_eq(webhook_site_post(&site, "another-secret-0123456789", "t", "{}"), 404);
    cr_expect_eq(webhook_site_post_until(&site, "t", 1000000000), 404);
    cr_expect_eq(raw_http_get(site.address, "/wrong-path?sig=wrong-path", &site.answer), 404);
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "upload", "t");
    cr_expect_eq(raw_http_get(site.address, target, &site.answer), 405);
    const char *log = process_log(site.webhook);
    cr_expect_not_null(strstr(log, "callback-stored"), "%s", log);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        cr_expect_null(strstr(log, never[i]), "%s is in %s", never[i], log);
    cr_expect_null(strstr(log, good), "%s", log);
    cr_expect_null(strstr(log, over), "%s", log);
    free(target);
    webhook_site_close(&site);
}
