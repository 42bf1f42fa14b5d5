/* What the webhook program answers, and what it stores. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/signature.h"
#include "base/xalloc.h"
#include "integration/webhook_site.h"

static const char *const usual[] = {"REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET, NULL};

/* --- the routes ------------------------------------------------------------------------------- */

Test(webhook, stores_callbacks)
{
    struct webhook_site site;

    webhook_site_open(&site, usual);
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "index", "p 1/scenes:\xc3\xa4");
    char *request =
        webhook_site_request("POST", target, "\r\n{\"success\" :\nfalse, \"data\":{\"x\":1.10}} ");
    cr_expect_eq(raw_http_call(site.address, request, &site.answer), 200);
    cr_expect_str_eq(buffer_text(&site.answer),
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                     "Connection: close\r\n\r\n{\"status\":\"ok\"}");
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "second", "{\"success\":true}"),
                 200);
    webhook_site_expect_envelope(&site,
                                 "{\"kind\":\"index\",\"id\":\"p 1/scenes:\xc3\xa4\",\"call\":1,",
                                 ",\"body\":  {\"success\" : false, \"data\":{\"x\":1.10}} }");
    webhook_site_expect_envelope(&site, "{\"kind\":\"upload\",\"id\":\"second\",\"call\":1,",
                                 ",\"body\":{\"success\":true}}");
    free(request);
    free(target);
    cr_expect_null(strstr(process_log(site.webhook), "sig="), "no signature in the log");
    webhook_site_close(&site);
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
    struct webhook_site site;

    webhook_site_open(&site, usual);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "u", cases[i].body), 200, "%s",
                     cases[i].body);
        redisReply *reply = redis_server_command(site.redis, "RPOP reelq:callbacks");
        cr_assert_eq(reply->type, REDIS_REPLY_STRING);
        char *end =
            xasprintf(",\"unreadable\":\"%s", cases[i].reason == NULL ? "" : cases[i].reason);
        cr_expect_not_null(strstr(reply->str, end), "%s for %s", reply->str, end);
        cr_expect_null(strstr(reply->str, "\"body\""));
        free(end);
        freeReplyObject(reply);
    }
    webhook_site_close(&site);
}

static const char *const wrong_targets[] = {
    "/",
    "/webhooks",
    "/webhooks/",
    "/webhooks/upload",
    "/webhooks/upload/",
    "/livez",
    "/metrics",
    "/webhooks/upload?",
    "/webhooks/upload?id=a&n=1",
    "/webhooks/upload?id=a&n=1&exp=4102444800",
    "/webhooks/upload?id=a&n=1&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=4102444801&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=04102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=+4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=4102444800.0&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=-1&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=9999999999999&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=4102444800&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=1000000000&sig=OVER",
    "/webhooks/upload?id=a&n=1&exp=0&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=4102444800&sig=",
    "/webhooks/upload?id=a&n=1&exp=4102444800&sig=00000000000000000000000000000000",
    "/webhooks/upload?id=a&n=1&exp=4102444800&sig=0",
    "/webhooks/transcode?id=a&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/index?id=a&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=b&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=2&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=01&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=x&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=11111111111&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&exp=4102444800&sig=GOOD",
    "/webhooks/upload?n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&id=a&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=%zz&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a%00&n=1&exp=4102444800&sig=GOOD",
    "/webhooks/upload?id=a&n=1&exp=4102444800&sig=GOOD0",
    "/Webhooks/upload?id=a&n=1&exp=4102444800&sig=GOOD",
};
static const char *const any_requests[] = {
    "POST TARGET HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n{\"success\":true}",
    "GET TARGET HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT TARGET HTTP/1.0\r\n\r\n",
    "POST TARGET HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST TARGET HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n",
    "POST TARGET HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "POST TARGET HTTP/1.1\r\nTransfer-Encoding: gzip\r\nExpect: x\r\n\r\n",
};
static const char not_found[] =
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n"
    "Connection: close\r\n\r\nnot found\n";

/* `text` with `word`, if it is there, replaced by `by`; the caller frees it. */
static char *replaced(const char *text, const char *word, const char *by)
{
    const char *at = strstr(text, word);

    if (at == NULL)
        return xstrdup(text);
    return xasprintf("%.*s%s%s", (int)(at - text), text, by, at + strlen(word));
}

/* Every stranger gets the answer of a path that does not exist. */
Test(webhook, tells_strangers_nothing)
{
    char good[SIGNATURE_LENGTH + 1], over[SIGNATURE_LENGTH + 1];
    struct webhook_site site;

    webhook_site_open(&site, usual);
    webhook_site_sign(WEBHOOK_SITE_SECRET, "upload", "a", good);
    webhook_site_sign_until("a", 1000000000, over);
    for (size_t i = 0; i < sizeof(wrong_targets) / sizeof(wrong_targets[0]); i++) {
        char *signed_target = replaced(wrong_targets[i], "GOOD", good);
        char *target = replaced(signed_target, "OVER", over);
        for (size_t r = 0; r < sizeof(any_requests) / sizeof(any_requests[0]); r++) {
            char *request = replaced(any_requests[r], "TARGET", target);
            (void)raw_http_call(site.address, request, &site.answer);
            cr_expect_str_eq(buffer_text(&site.answer), not_found, "%s", request);
            free(request);
        }
        free(target);
        free(signed_target);
    }
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:callbacks"), 0);
    webhook_site_close(&site);
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
    struct webhook_site site;

    webhook_site_open(&site, usual);
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "upload", "a");
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
    webhook_site_close(&site);
}

Test(webhook, takes_any_of_several_secrets)
{
    static const char *const extra[] = {
        "REELQ_CALLBACK_SECRET=new-secret-0123456789," WEBHOOK_SITE_SECRET,
        "REELQ_PREFIX={x}:", NULL};
    struct webhook_site site;

    webhook_site_open(&site, extra);
    cr_expect_eq(webhook_site_post(&site, "new-secret-0123456789", "a", "{}"), 200);
    cr_expect_eq(webhook_site_post(&site, WEBHOOK_SITE_SECRET, "a", "{}"), 200);
    cr_expect_eq(webhook_site_post(&site, "old-secret-0123456789", "a", "{}"), 404);
    cr_expect_eq(redis_server_integer(site.redis, "LLEN {x}:callbacks"), 2);
    cr_expect_null(strstr(process_log(site.webhook), "new-secret"), "no secret in the log");
    webhook_site_close(&site);
}
