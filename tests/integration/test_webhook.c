/* The webhook program against a real Redis. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/signature.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "support/process.h"
#include "support/raw_http.h"
#include "support/redis_server.h"

#define SECRET "0123456789abcdef-test"

enum { PATIENCE_MS = 10000, EXTRA_MAX = 8 };

struct site {
    struct redis_server *redis;
    struct process *webhook;
    const char *address, *admin;
    struct buffer answer;
};

/* --- set-up ----------------------------------------------------------------------------------- */

static struct process *start_webhook(const struct redis_server *redis, const char *const *extra)
{
    char *url = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(redis));
    const char *environment[EXTRA_MAX + 4] = {url, "REELQ_LISTEN=127.0.0.1:0",
                                              "REELQ_ADMIN_LISTEN=127.0.0.1:0"};
    struct process_options options = {.program = REELQ_BIN_DIR "/reelq-webhook",
                                      .environment = environment};
    size_t count = 3;

    for (size_t i = 0; extra != NULL && extra[i] != NULL && i < EXTRA_MAX; i++)
        environment[count++] = extra[i];
    struct process *process = process_start(&options);
    free(url);
    return process;
}

static void wait_until_ready(struct site *site, bool ready)
{
    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS; clock_monotonic_ms() < end;)
        if ((raw_http_get(site->admin, "/readyz", &site->answer) == 200) == ready)
            return;
    cr_assert_fail("readiness: %s", buffer_text(&site->answer));
}

static void open_site(struct site *site, const char *const *extra)
{
    *site = (struct site){.redis = redis_server_start(), .answer = BUFFER(RAW_HTTP_MAX)};
    site->webhook = start_webhook(site->redis, extra);
    site->address = process_address(site->webhook, "public");
    site->admin = process_address(site->webhook, "admin");
    wait_until_ready(site, true);
}

static void open_usual_site(struct site *site)
{
    static const char *const extra[] = {"REELQ_CALLBACK_SECRET=" SECRET, NULL};
    open_site(site, extra);
}

/* Ends it as an operator would: it must free everything and exit 0. */
static void close_site(struct site *site)
{
    process_signal(site->webhook, SIGTERM);
    cr_expect_eq(process_wait(site->webhook), 0, "%s", process_log(site->webhook));
    process_free(site->webhook);
    redis_server_stop(site->redis);
    buffer_clear(&site->answer);
}

/* --- requests --------------------------------------------------------------------------------- */

static void sign(const char *secrets, const char *kind, const char *id, char *out)
{
    struct signature_subject subject = {.kind = kind, .id = slice_text(id), .attempt = 1};
    struct signature_keys keys;
    struct error error;

    cr_assert(signature_keys_parse(&keys, slice_text(secrets), &error), "%s", error.text);
    signature_make(&keys, &subject, out);
    signature_keys_clear(&keys);
}

/* A signed target of attempt 1; the caller frees it. */
static char *target_of(const char *secret, const char *kind, const char *id)
{
    char signature[SIGNATURE_LENGTH + 1];
    struct buffer target = BUFFER(4096);

    sign(secret, kind, id, signature);
    buffer_add_format(&target, "/webhooks/%s?id=", kind);
    url_add_encoded(&target, slice_text(id));
    buffer_add_format(&target, "&n=1&sig=%s", signature);
    return buffer_take(&target);
}

static char *request_of(const char *method, const char *target, const char *body)
{
    return xasprintf("%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: %zu\r\n"
                     "\r\n%s",
                     method, target, strlen(body), body);
}

static int post_signed(struct site *site, const char *secret, const char *id, const char *body)
{
    char *target = target_of(secret, "upload", id);
    char *request = request_of("POST", target, body);

    int status = raw_http_call(site->address, request, &site->answer);
    free(request);
    free(target);
    return status;
}

/* The socket of a callback whose answer is read later. */
static int send_signed(const struct site *site, const char *id)
{
    char *target = target_of(SECRET, "upload", id);
    char *request = request_of("POST", target, "{\"success\":true}");

    int fd = raw_http_send(site->address, request);
    free(request);
    free(target);
    return fd;
}

/* Takes the oldest envelope and compares it, but for the time of its arrival. */
static void expect_envelope(struct site *site, const char *head, const char *rest)
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

/* --- the routes ------------------------------------------------------------------------------- */

Test(webhook, stores_callbacks)
{
    struct site site;

    open_usual_site(&site);
    char *target = target_of(SECRET, "index", "p 1/scenes:\xc3\xa4");
    char *request =
        request_of("POST", target, "\r\n{\"success\" :\nfalse, \"data\":{\"x\":1.10}} ");
    cr_expect_eq(raw_http_call(site.address, request, &site.answer), 200);
    cr_expect_str_eq(buffer_text(&site.answer),
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                     "Connection: close\r\n\r\n{\"status\":\"ok\"}");
    cr_expect_eq(post_signed(&site, SECRET, "second", "{\"success\":true}"), 200);
    expect_envelope(&site, "{\"kind\":\"index\",\"id\":\"p 1/scenes:\xc3\xa4\",\"attempt\":1,",
                    ",\"body\":  {\"success\" : false, \"data\":{\"x\":1.10}} }");
    expect_envelope(&site, "{\"kind\":\"upload\",\"id\":\"second\",\"attempt\":1,",
                    ",\"body\":{\"success\":true}}");
    free(request);
    free(target);
    cr_expect_null(strstr(process_log(site.webhook), "sig="), "no signature in the log");
    close_site(&site);
}

Test(webhook, stores_what_it_cannot_read)
{
    static const struct {
        const char *body, *reason;
    } cases[] = {
        {"", "empty body"},
        {"[true]", "not an object"},
        {"{}", "no boolean success"},
        {"{\"success\":\"true\"}", "no boolean success"},
        {"{\"data\":{\"success\":true}}", "no boolean success"},
        {"ok", NULL},
        {"{\"success\":true}}", NULL},
        {"{\"success\":true,\"a\":\"\xff\"}", NULL},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", NULL},
    };
    struct site site;

    open_usual_site(&site);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(post_signed(&site, SECRET, "u", cases[i].body), 200, "%s", cases[i].body);
        redisReply *reply = redis_server_command(site.redis, "RPOP reelq:callbacks");
        cr_assert_eq(reply->type, REDIS_REPLY_STRING);
        char *end =
            xasprintf(",\"unreadable\":\"%s", cases[i].reason == NULL ? "" : cases[i].reason);
        cr_expect_not_null(strstr(reply->str, end), "%s for %s", reply->str, end);
        cr_expect_null(strstr(reply->str, "\"body\""));
        free(end);
        freeReplyObject(reply);
    }
    close_site(&site);
}

/* Every stranger gets the answer of a path that does not exist. */
Test(webhook, tells_strangers_nothing)
{
    static const char *const targets[] = {
        "/",
        "/webhooks",
        "/webhooks/",
        "/webhooks/upload",
        "/webhooks/upload/",
        "/livez",
        "/metrics",
        "/webhooks/upload?",
        "/webhooks/upload?id=a&n=1",
        "/webhooks/upload?id=a&n=1&sig=",
        "/webhooks/upload?id=a&n=1&sig=00000000000000000000000000000000",
        "/webhooks/upload?id=a&n=1&sig=0",
        "/webhooks/transcode?id=a&n=1&sig=GOOD",
        "/webhooks/index?id=a&n=1&sig=GOOD",
        "/webhooks/upload?id=b&n=1&sig=GOOD",
        "/webhooks/upload?id=a&n=2&sig=GOOD",
        "/webhooks/upload?id=a&n=01&sig=GOOD",
        "/webhooks/upload?id=a&n=&sig=GOOD",
        "/webhooks/upload?id=a&n=x&sig=GOOD",
        "/webhooks/upload?id=a&n=11111111111&sig=GOOD",
        "/webhooks/upload?id=a&sig=GOOD",
        "/webhooks/upload?n=1&sig=GOOD",
        "/webhooks/upload?id=a&id=a&n=1&sig=GOOD",
        "/webhooks/upload?id=%zz&n=1&sig=GOOD",
        "/webhooks/upload?id=a%00&n=1&sig=GOOD",
        "/webhooks/upload?id=a&n=1&sig=GOOD0",
        "/Webhooks/upload?id=a&n=1&sig=GOOD",
    };
    static const char *const requests[] = {
        "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n{\"success\":true}",
        "GET %s HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT %s HTTP/1.0\r\n\r\n",
        "POST %s HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n",
        "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST %s HTTP/1.1\r\nTransfer-Encoding: gzip\r\nExpect: x\r\n\r\n",
    };
    static const char expected[] =
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n"
        "Connection: close\r\n\r\nnot found\n";
    char good[SIGNATURE_LENGTH + 1];
    struct site site;

    open_usual_site(&site);
    sign(SECRET, "upload", "a", good);
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const char *mark = strstr(targets[i], "GOOD");
        char *target = mark == NULL ? xstrdup(targets[i])
                                    : xasprintf("%.*s%s%s", (int)(mark - targets[i]), targets[i],
                                                good, mark + strlen("GOOD"));
        for (size_t r = 0; r < sizeof(requests) / sizeof(requests[0]); r++) {
            const char *place = strstr(requests[r], "%s");
            char *request =
                xasprintf("%.*s%s%s", (int)(place - requests[r]), requests[r], target, place + 2);
            (void)raw_http_call(site.address, request, &site.answer);
            cr_expect_str_eq(buffer_text(&site.answer), expected, "%s", request);
            free(request);
        }
        free(target);
    }
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:callbacks"), 0);
    close_site(&site);
}

Test(webhook, judges_signed_requests)
{
    static const struct {
        const char *method, *rest;
        int status;
        const char *header;
    } cases[] = {
        {"GET", "\r\n", 405, "\r\nAllow: POST\r\n"},
        {"HEAD", "Content-Length: 3\r\n\r\nabc", 405, "\r\nAllow: POST\r\n"},
        {"post", "Content-Length: 0\r\n\r\n", 405, "\r\nAllow: POST\r\n"},
        {"POST", "\r\n", 411, ""},
        {"POST", "Content-Length: 65537\r\n\r\n", 413, ""},
        {"POST", "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1", 400, ""},
        {"POST", "Transfer-Encoding: gzip, chunked\r\n\r\n", 400, ""},
        {"POST", "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n1", 417, ""},
        {"POST", "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>", 200, ""},
        {"POST", "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"success\":true}\r\n0\r\n\r\n", 200,
         ""},
    };
    struct site site;

    open_usual_site(&site);
    char *target = target_of(SECRET, "upload", "a");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *request = xasprintf("%s %s&x=y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s",
                                  cases[i].method, target, cases[i].rest);
        cr_expect_eq(raw_http_call(site.address, request, &site.answer), cases[i].status, "%s: %s",
                     request, buffer_text(&site.answer));
        cr_expect_not_null(strstr(buffer_text(&site.answer), cases[i].header), "%s", request);
        free(request);
    }
    free(target);
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:callbacks"), 2);
    close_site(&site);
}

Test(webhook, takes_any_of_several_secrets)
{
    static const char *const extra[] = {"REELQ_CALLBACK_SECRET=new-secret-0123456789," SECRET,
                                        "REELQ_PREFIX={x}:", NULL};
    struct site site;

    open_site(&site, extra);
    cr_expect_eq(post_signed(&site, "new-secret-0123456789", "a", "{}"), 200);
    cr_expect_eq(post_signed(&site, SECRET, "a", "{}"), 200);
    cr_expect_eq(post_signed(&site, "old-secret-0123456789", "a", "{}"), 404);
    cr_expect_eq(redis_server_integer(site.redis, "LLEN {x}:callbacks"), 2);
    cr_expect_null(strstr(process_log(site.webhook), "new-secret"), "no secret in the log");
    close_site(&site);
}

/* --- Redis away ------------------------------------------------------------------------------- */

Test(webhook, holds_callbacks_while_redis_restarts)
{
    struct site site;

    open_usual_site(&site);
    redis_server_kill(site.redis);
    int first = send_signed(&site, "first"), second = send_signed(&site, "second");
    redis_server_restart(site.redis);
    raw_http_receive(first, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "%s", buffer_text(&site.answer));
    raw_http_receive(second, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "%s", buffer_text(&site.answer));
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:callbacks"), 2);
    close_site(&site);
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
    struct site site;

    open_usual_site(&site);
    redis_server_kill(site.redis);
    wait_until_ready(&site, false);
    int64_t begin = clock_monotonic_ms();
    raw_http_receive(send_signed(&site, "a"), &site.answer);
    expect_unavailable(&site.answer);
    int64_t took = clock_monotonic_ms() - begin;
    cr_expect(took >= 1900 && took < 4000, "%lld ms", (long long)took);
    cr_expect_eq(raw_http_get(site.admin, "/livez", &site.answer), 200, "alive for all that");
    redis_server_restart(site.redis);
    wait_until_ready(&site, true);
    cr_expect_eq(post_signed(&site, SECRET, "a", "{}"), 200);
    close_site(&site);
}

Test(webhook, gives_up_when_redis_does_not_answer)
{
    struct site site;

    open_usual_site(&site);
    redis_server_pause(site.redis);
    raw_http_receive(send_signed(&site, "a"), &site.answer);
    expect_unavailable(&site.answer);
    redis_server_resume(site.redis);
    wait_until_ready(&site, true);
    cr_expect_eq(post_signed(&site, SECRET, "a", "{}"), 200);
    close_site(&site);
}

Test(webhook, does_not_take_an_error_for_success)
{
    struct site site;

    open_usual_site(&site);
    freeReplyObject(redis_server_command(site.redis, "SET reelq:callbacks x"));
    int fd = send_signed(&site, "a");
    cr_expect(process_wait_log(site.webhook, "push-refused", 1, PATIENCE_MS));
    freeReplyObject(redis_server_command(site.redis, "DEL reelq:callbacks"));
    raw_http_receive(fd, &site.answer);
    cr_expect_eq(raw_http_status(&site.answer), 200, "tried again");
    freeReplyObject(redis_server_command(site.redis, "SET reelq:callbacks x"));
    raw_http_receive(send_signed(&site, "b"), &site.answer);
    expect_unavailable(&site.answer);
    close_site(&site);
}

/* --- the agreed secret ------------------------------------------------------------------------ */

Test(webhook, agrees_on_a_secret)
{
    struct site site;

    open_site(&site, NULL);
    struct process *other = start_webhook(site.redis, NULL);
    struct site second = site;
    second.address = process_address(other, "public");
    second.admin = process_address(other, "admin");
    wait_until_ready(&second, true);
    redisReply *secret = redis_server_command(site.redis, "GET reelq:callback-secret");
    cr_assert_eq(secret->type, REDIS_REPLY_STRING);
    cr_expect_eq(secret->len, 64);
    cr_expect_eq(redis_server_integer(site.redis, "TTL reelq:callback-secret"), -1);
    cr_expect_eq(post_signed(&site, secret->str, "a", "{}"), 200);
    cr_expect_eq(post_signed(&second, secret->str, "a", "{}"), 200);
    cr_expect_eq(post_signed(&second, SECRET, "a", "{}"), 404);
    freeReplyObject(secret);
    process_signal(other, SIGTERM);
    cr_expect_eq(process_wait(other), 0, "%s", process_log(other));
    process_free(other);
    close_site(&second);
}

/* Callbacks signed by the secret that was lost are still on their way. */
Test(webhook, keeps_the_secret_that_redis_has_lost)
{
    struct site site;

    open_site(&site, NULL);
    redisReply *old = redis_server_command(site.redis, "GET reelq:callback-secret");
    redis_server_restart(site.redis);
    cr_expect(process_wait_log(site.webhook, "secret-agreed", 2, PATIENCE_MS));
    redisReply *new = redis_server_command(site.redis, "GET reelq:callback-secret");
    cr_expect_str_neq(new->str, old->str);
    cr_expect_eq(post_signed(&site, old->str, "a", "{}"), 200);
    cr_expect_eq(post_signed(&site, new->str, "a", "{}"), 200);
    freeReplyObject(old);
    freeReplyObject(new);
    close_site(&site);
}

Test(webhook, is_not_ready_before_it_knows_the_secret)
{
    struct site site = {.redis = redis_server_start(), .answer = BUFFER(RAW_HTTP_MAX)};

    redis_server_kill(site.redis);
    site.webhook = start_webhook(site.redis, NULL);
    site.address = process_address(site.webhook, "public");
    site.admin = process_address(site.webhook, "admin");
    cr_expect_eq(raw_http_get(site.admin, "/readyz", &site.answer), 503);
    cr_expect_not_null(strstr(raw_http_body(&site.answer), "secret: not known yet\n"));
    cr_expect_eq(post_signed(&site, SECRET, "a", "{}"), 503);
    expect_unavailable(&site.answer);
    cr_expect_eq(raw_http_get(site.address, "/webhooks/upload?id=a&n=1&sig=x", &site.answer), 404);
    redis_server_restart(site.redis);
    wait_until_ready(&site, true);
    cr_expect_eq(post_signed(&site, SECRET, "a", "{}"), 404);
    close_site(&site);
}
