/* doctor_check_http -> check_api, check_public_url, check_ready of what runs on this machine */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/signature.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "cli/examination.h"
#include "cli/http_get.h"

enum { MAX_URL = 4096, DAY_S = 24 * 60 * 60, MAX_READY = 512 };

static bool is_plain_and_far(const char *text)
{
    struct url url;
    struct error error;

    if (!url_parse(slice_text(text), MAX_URL, &url, &error) || slice_is_nocase(url.scheme, "https"))
        return false;
    return !slice_is_nocase(url.host, "localhost") && !slice_starts_with(url.host, "127.") &&
           !slice_is(url.host, "::1");
}

/* --- VideoDB ---------------------------------------------------------------------------------- */

static bool is_success(const struct http_got *got)
{
    static const struct json_limits limits = {1 << 20, 64};
    struct json doc;
    bool success = false;

    if (got->status != 200 || !json_parse(&doc, buffer_slice(&got->body), &limits, NULL))
        return false;
    success = json_bool(&doc, json_get(&doc, JSON_ROOT, "success"), &success) && success;
    json_clear(&doc);
    return success;
}

static void say_api(struct examination *examination, const char *base, const struct http_got *got)
{
    if (got->status == 0)
        examination_say(examination, VERDICT_FAIL,
                        "workers that are as this machine wait until it can be reached",
                        "VideoDB at %s: %s", base, got->error);
    else if (is_success(got))
        examination_say(examination, VERDICT_OK, NULL, "VideoDB at %s takes the key", base);
    else if (got->status == 401 || got->status == 403)
        examination_say(examination, VERDICT_FAIL,
                        "put a good key into VIDEO_DB_API_KEY, here and at the workers",
                        "VideoDB at %s refuses the key: %ld", base, got->status);
    else if (got->status == 402)
        examination_say(examination, VERDICT_FAIL, "pay, or raise the limits of the account",
                        "VideoDB at %s refuses the account: 402", base);
    else if (got->status == 429 || got->status >= 500)
        examination_say(examination, VERDICT_WARN, "the workers go on by themselves when it works",
                        "VideoDB at %s answers %ld", base, got->status);
    else
        examination_say(examination, VERDICT_FAIL, "is VIDEO_DB_BASE_URL that of the API?",
                        "%s answers %ld, not as VideoDB does", base, got->status);
}

/* The key goes where a worker would send it, and not in the clear. */
static void check_api(struct examination *examination)
{
    const struct config *config = &examination->session->config;
    const char *base = config->api_base_url;
    struct http_got got;

    if (config->api_key[0] == '\0') {
        examination_say(examination, VERDICT_WARN,
                        "the workers have it elsewhere; with it here VideoDB is asked whether it "
                        "is good",
                        "VIDEO_DB_API_KEY is not set");
        return;
    }
    if (is_plain_and_far(base)) {
        examination_say(examination, VERDICT_FAIL,
                        "use https://, or the key can be read on the way; it was not sent",
                        "VIDEO_DB_BASE_URL is %s", base);
        return;
    }
    char *url = xasprintf("%s/collection/default", base);
    http_get(&(struct http_get){.url = url, .key = config->api_key}, &got);
    say_api(examination, base, &got);
    http_got_clear(&got);
    free(url);
}

/* --- the public URL --------------------------------------------------------------------------- */

/* The configured secret, or the one that the programs agree on; false: it is not known here. */
static bool find_secret(struct session *session, struct signature_keys *keys)
{
    struct error error;

    if (session->config.callback_secret[0] != '\0')
        return signature_keys_parse(keys, slice_text(session->config.callback_secret), &error);
    struct redisReply *reply = client_ask(session->client, "GET %s", session->keys.callback_secret);
    bool found = reply != NULL && reply->type == REDIS_REPLY_STRING &&
                 signature_keys_parse(keys, slice_make(reply->str, reply->len), &error);
    if (found)
        explicit_bzero(reply->str, reply->len);
    freeReplyObject(reply);
    return found;
}

/* A webhook refuses a GET of a URL that is signed with 405, and of all others with 404; neither
 * does anything. No task can be called so: its id has a '/' where none may be. */
static void add_probe(struct buffer *out, const struct examination *examination,
                      const struct signature_keys *keys)
{
    struct signature_subject subject = {"upload", slice_text("/doctor"), 1,
                                        (uint64_t)(examination->snapshot.now_ms / 1000 + DAY_S)};

    buffer_add_text(out, examination->session->config.public_url);
    if (keys != NULL)
        signature_add_target(out, keys, &subject);
    else
        buffer_add_text(out, "/webhooks/upload");
}

static void say_other(struct examination *examination, const char *public,
                      const struct http_got *got)
{
    const char *advice = "something else answers there: lead /webhooks/ to reelq-webhook";

    if (got->status >= 500)
        advice = "is reelq-webhook up, and does the proxy in front know where? See its log";
    else if (got->status >= 300 && got->status < 400)
        advice = "redirects are not followed: set REELQ_PUBLIC_URL to where it leads";
    examination_say(examination, VERDICT_FAIL, advice, "%s answers %ld, not as reelq-webhook does",
                    public, got->status);
}

static bool is_our_404(const struct http_got *got)
{
    return got->status == 404 && strcmp(buffer_text(&got->body), "not found\n") == 0;
}

static void say_public(struct examination *examination, const char *public,
                       const struct http_got *got, bool is_signed)
{
    if (got->status == 0)
        examination_say(examination, VERDICT_FAIL,
                        "name, port, certificate, firewall? VideoDB has to reach it, too", "%s: %s",
                        public, got->error);
    else if (is_signed && got->status == 405 && got->posts)
        examination_say(examination, VERDICT_OK, NULL, "%s leads to reelq-webhook", public);
    else if (is_signed && is_our_404(got))
        examination_say(examination, VERDICT_FAIL,
                        "the same REELQ_CALLBACK_SECRET everywhere? a proxy that changes path or "
                        "query? a clock that is ahead?",
                        "%s leads to a reelq-webhook that refuses our signature", public);
    else if (is_our_404(got))
        examination_say(examination, VERDICT_WARN,
                        "with REELQ_CALLBACK_SECRET, or as a user who may read it in Redis, it "
                        "could be said whether callbacks are taken",
                        "%s leads to a reelq-webhook", public);
    else
        say_other(examination, public, got);
}

static void check_public_url(struct examination *examination)
{
    const char *public = examination->session->config.public_url;
    struct buffer url = BUFFER(MAX_URL);
    struct signature_keys keys;
    struct http_got got;

    if (public[0] == '\0') {
        examination_say(examination, VERDICT_OK, NULL,
                        "REELQ_PUBLIC_URL is not set here; workers without it ask VideoDB");
        return;
    }
    bool found = find_secret(examination->session, &keys);
    add_probe(&url, examination, found ? &keys : NULL);
    http_get(&(struct http_get){.url = buffer_text(&url)}, &got);
    say_public(examination, public, &got, found);
    http_got_clear(&got);
    buffer_clear(&url);
    if (found)
        signature_keys_clear(&keys);
}

/* --- programs on this machine ----------------------------------------------------------------- */

/* The lines of /readyz in one. */
static void add_reasons(struct buffer *out, const struct http_got *got)
{
    struct slice text = slice_trim(buffer_slice(&got->body));

    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '\n')
            buffer_add_text(out, "; ");
        else
            buffer_add_char(out, text.data[i]);
}

static void say_ready(struct examination *examination, const char *address,
                      const struct http_got *got)
{
    struct buffer reasons = BUFFER(MAX_READY);

    add_reasons(&reasons, got);
    if (got->status == 200 && strstr(buffer_text(&reasons), "degraded") == NULL)
        examination_say(examination, VERDICT_OK, NULL, "the program at %s is ready", address);
    else if (got->status == 200)
        examination_say(examination, VERDICT_WARN,
                        "callbacks are safe, and wait for Redis: look at its log",
                        "the program at %s: %s", address, buffer_text(&reasons));
    else if (got->status == 503)
        examination_say(examination, VERDICT_FAIL, "look at its log",
                        "the program at %s is not ready: %s", address, buffer_text(&reasons));
    buffer_clear(&reasons);
}

/* Where nobody listens, nothing is said: they may run on other machines. */
static void check_ready(struct examination *examination, const char *address)
{
    bool is_socket = strncmp(address, "unix:", strlen("unix:")) == 0;
    char *url = xasprintf("http://%s/readyz", is_socket ? "localhost" : address);
    struct http_got got;

    http_get(&(struct http_get){.url = url, .socket = is_socket ? address + 5 : NULL}, &got);
    say_ready(examination, address, &got);
    http_got_clear(&got);
    free(url);
}

void doctor_check_http(struct examination *examination)
{
    const char *admin = examination->session->config.admin_listen;

    check_api(examination);
    check_public_url(examination);
    if (strcmp(admin, "off") != 0)
        check_ready(examination, admin);
    if (strcmp(admin, "127.0.0.1:9090") == 0)
        check_ready(examination, "127.0.0.1:9091");
}
