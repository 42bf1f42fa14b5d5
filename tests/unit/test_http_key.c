/* Where the key goes, and where calls without it may go, as a second server sees it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "support/scripted_api.h"
#include "support/temp_dir.h"
#include "worker/http_client.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TOKEN        "canary-of-the-key"

enum { END_MS = 5000 };

static const struct scripted_step ok[] = {
    {SCRIPTED_REPLY, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}};

static struct loop *loop;
static struct loop_timer alarm_clock;
static struct scripted_api api, other;
static struct http_client *client;
static enum http_end end;
static int status;
static char error[256];
static bool rang;

static void on_alarm(void *arg)
{
    (void)arg;
    rang = true;
    loop_stop(loop);
}

static void start(bool guarded)
{
    loop = loop_new();
    loop_timer_init(&alarm_clock, loop, on_alarm, NULL);
    client = http_client_new(&(struct http_client_options){.loop = loop,
                                                           .token = TOKEN,
                                                           .user_agent = "reelq",
                                                           .timeout_ms = END_MS,
                                                           .max_body = 100,
                                                           .max_connections = 2,
                                                           .guarded = guarded});
    scripted_api_start(&other, loop, ok, COUNT(ok));
}

static void stop(void)
{
    http_client_free(client);
    scripted_api_stop(&api);
    scripted_api_stop(&other);
    loop_timer_clear(&alarm_clock);
    loop_free(loop);
}

static void on_done(const struct http_result *result, void *arg)
{
    (void)arg;
    end = result->end;
    status = result->status;
    (void)snprintf(error, sizeof(error), "%s", result->error == NULL ? "" : result->error);
    loop_stop(loop);
}

static void call(const char *method, const char *url, bool authorized)
{
    struct http_call_request request = {.method = method, .url = url, .authorized = authorized};

    (void)http_client_send(client, &request, on_done, NULL);
    loop_timer_start(&alarm_clock, INT64_C(2) * END_MS);
    loop_run(loop);
    loop_timer_stop(&alarm_clock);
    cr_assert(!rang, "%s has no end", url);
}

Test(http_key, no_redirect_takes_it_elsewhere)
{
    static const int codes[] = {300, 301, 302, 303, 307, 308};
    static const char *const methods[] = {"GET", "POST", "DELETE"};
    char reply[256];
    const struct scripted_step step = {SCRIPTED_REPLY, reply};

    start(false);
    scripted_api_start(&api, loop, &step, 1);
    for (size_t i = 0; i < COUNT(codes) * COUNT(methods); i++) {
        int code = codes[i / COUNT(methods)];
        (void)snprintf(reply, sizeof(reply),
                       "HTTP/1.1 %d Go\r\nLocation: %s/x\r\nContent-Length: 0\r\n\r\n", code,
                       other.url);
        call(methods[i % COUNT(methods)], api.url, true);
        cr_expect(end == HTTP_REPLIED && status == code, "%d: %d %s", code, status, error);
    }
    cr_expect_eq(api.requests, COUNT(codes) * COUNT(methods));
    cr_expect_not_null(strstr(api.last, TOKEN), "the configured host has it");
    cr_expect_eq(other.accepted, 0, "nothing arrives anywhere else");
    stop();
}

/* What is named by the API without being it is not asked within the own network. The name resolves
 * to loopback, so the address counts. */
Test(http_key, a_guarded_client_asks_public_addresses_only)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"};
    const char *port = NULL;
    char url[128];

    start(true);
    port = strrchr(other.url, ':');
    for (size_t i = 0; i < COUNT(hosts); i++) {
        (void)snprintf(url, sizeof(url), "http://%s%s/x", hosts[i], port);
        call("GET", url, false);
        cr_expect_eq(end, HTTP_NOT_SENT, "%s: %d %s", url, (int)end, error);
        cr_expect_str_eq(error, "the address is not a public one", "%s: %s", url, error);
    }
    cr_expect_eq(other.accepted, 0, "not even connected to");
    call("GET", other.url, true);
    cr_expect_eq(end, HTTP_REPLIED, "the configured API may be anywhere: %s", error);
    stop();
}

Test(http_key, no_netrc)
{
    char *home = temp_dir_make("netrc");
    char *file = xasprintf("%s/.netrc", home);

    temp_dir_write(file, slice_text("default login user password canary-of-netrc\n"));
    cr_assert(setenv("HOME", home, 1) == 0 && setenv("NETRC", file, 1) == 0);
    start(false);
    call("GET", other.url, false);
    cr_expect_eq(end, HTTP_REPLIED);
    cr_expect_null(strcasestr(other.last, "authorization"), "%s", other.last);
    cr_expect_null(strstr(other.last, TOKEN), "%s", other.last);
    stop();
    free(file);
    temp_dir_remove(home);
}
