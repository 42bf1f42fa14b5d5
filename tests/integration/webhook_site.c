#include "integration/webhook_site.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/signature.h"
#include "base/url.h"
#include "base/xalloc.h"

enum { PATIENCE_MS = 10000, EXTRA_MAX = 8 };

/* --- set-up ----------------------------------------------------------------------------------- */

struct process *webhook_site_start(const struct redis_server *redis, const char *const *extra)
{
    char *url = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(redis));
    const char *environment[EXTRA_MAX + 4] = {url};
    struct process_options options = {.program = REELQ_BIN_DIR "/reelq-webhook",
                                      .environment = environment};
    size_t count = 1;

    for (size_t i = 0; extra != NULL && extra[i] != NULL && i < EXTRA_MAX; i++)
        environment[count++] = extra[i]; // the first of two counts
    environment[count++] = "REELQ_LISTEN=127.0.0.1:0";
    environment[count] = "REELQ_ADMIN_LISTEN=127.0.0.1:0";
    struct process *process = process_start(&options);
    free(url);
    return process;
}

void webhook_site_wait_ready(struct webhook_site *site, bool ready)
{
    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS; clock_monotonic_ms() < end;)
        if ((raw_http_get(site->admin, "/readyz", &site->answer) == 200) == ready)
            return;
    cr_assert_fail("readiness: %s", buffer_text(&site->answer));
}

void webhook_site_open(struct webhook_site *site, const char *const *extra)
{
    *site = (struct webhook_site){.redis = redis_server_start(), .answer = BUFFER(RAW_HTTP_MAX)};
    site->webhook = webhook_site_start(site->redis, extra);
    site->address = process_address(site->webhook, "public");
    site->admin = process_address(site->webhook, "admin");
    webhook_site_wait_ready(site, true);
}

void webhook_site_close(struct webhook_site *site)
{
    process_signal(site->webhook, SIGTERM);
    cr_expect_eq(process_wait(site->webhook), 0, "%s", process_log(site->webhook));
    process_free(site->webhook);
    redis_server_stop(site->redis);
    buffer_clear(&site->answer);
}

/* --- requests --------------------------------------------------------------------------------- */

static void sign(const char *secrets, const char *kind, const char *id, uint64_t expires_s,
                 char out[SIGNATURE_LENGTH + 1])
{
    struct signature_subject subject = {kind, slice_text(id), 1, expires_s};
    struct signature_keys keys;
    struct error error;

    cr_assert(signature_keys_parse(&keys, slice_text(secrets), &error), "%s", error.text);
    signature_make(&keys, &subject, out);
    signature_keys_clear(&keys);
}

void webhook_site_sign(const char *secrets, const char *kind, const char *id,
                       char out[SIGNATURE_LENGTH + 1])
{
    sign(secrets, kind, id, strtoull(WEBHOOK_SITE_EXPIRY, NULL, 10), out);
}

void webhook_site_sign_until(const char *id, uint64_t expires_s, char out[SIGNATURE_LENGTH + 1])
{
    sign(WEBHOOK_SITE_SECRET, "upload", id, expires_s, out);
}

char *webhook_site_target(const char *secret, const char *kind, const char *id)
{
    char signature[SIGNATURE_LENGTH + 1];
    struct buffer target = BUFFER(4096);

    webhook_site_sign(secret, kind, id, signature);
    buffer_add_format(&target, "/webhooks/%s?id=", kind);
    url_add_encoded(&target, slice_text(id));
    buffer_add_format(&target, "&n=1&exp=" WEBHOOK_SITE_EXPIRY "&sig=%s", signature);
    return buffer_take(&target);
}

char *webhook_site_request(const char *method, const char *target, const char *body)
{
    return xasprintf("%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: %zu\r\n"
                     "\r\n%s",
                     method, target, strlen(body), body);
}

int webhook_site_post(struct webhook_site *site, const char *secret, const char *id,
                      const char *body)
{
    char *target = webhook_site_target(secret, "upload", id);
    char *request = webhook_site_request("POST", target, body);

    int status = raw_http_call(site->address, request, &site->answer);
    free(request);
    free(target);
    return status;
}

int webhook_site_post_until(struct webhook_site *site, const char *id, uint64_t expires_s)
{
    char signature[SIGNATURE_LENGTH + 1];

    webhook_site_sign_until(id, expires_s, signature);
    char *target =
        xasprintf("/webhooks/upload?id=%s&n=1&exp=%" PRIu64 "&sig=%s", id, expires_s, signature);
    char *request = webhook_site_request("POST", target, "{\"success\":true}");
    int status = raw_http_call(site->address, request, &site->answer);
    free(request);
    free(target);
    return status;
}

int webhook_site_send(const struct webhook_site *site, const char *id)
{
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "upload", id);
    char *request = webhook_site_request("POST", target, "{\"success\":true}");

    int fd = raw_http_send(site->address, request);
    free(request);
    free(target);
    return fd;
}

/* --- what is in Redis ------------------------------------------------------------------------- */

void webhook_site_expect_envelope(struct webhook_site *site, const char *head, const char *rest)
{
    redisReply *reply = redis_server_command(site->redis, "RPOP reelq:callbacks");

    cr_assert_eq(reply->type, REDIS_REPLY_STRING, "an envelope with %s", rest);
    const char *text = reply->str;
    cr_expect(strncmp(text, head, strlen(head)) == 0, "%s", text);
    static const char time_key[] = ",\"received_at\":";
    const char *time = strstr(text, time_key);
    cr_assert_not_null(time);
    char *after = NULL;
    long long at = strtoll(time + strlen(time_key), &after, 10);
    cr_expect(llabs(at - (long long)clock_wall_ms()) < 60000, "%s", text);
    cr_expect_str_eq(after, rest);
    freeReplyObject(reply);
}
