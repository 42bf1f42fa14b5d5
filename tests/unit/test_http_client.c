/* The client against a scripted server in the same process and loop. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/scripted_api.h"
#include "support/wait.h"
#include "worker/http_client.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD         "HTTP/1.1 200 OK\r\n"
#define OK_REPLY     HEAD "Content-Length: 2\r\n\r\n{}"

/* A loop, a client, a server, and what the last call came to. */
struct bench {
    struct loop *loop;
    struct http_client_options options;
    struct http_client *client;
    struct scripted_api server;
    struct loop_timer alarm;
    unsigned ended, expected;
    bool rang;
    bool free_client;
    struct http_call *to_cancel;
    enum http_end end;
    int status;
    int64_t retry_after_ms;
    char body[256];
    char error[256];
};

static void on_alarm(void *arg)
{
    struct bench *bench = arg;

    bench->rang = true;
    loop_stop(bench->loop);
}

static void on_done(const struct http_result *result, void *arg)
{
    struct bench *bench = arg;

    bench->ended++;
    bench->end = result->end;
    bench->status = result->status;
    bench->retry_after_ms = result->retry_after_ms;
    (void)snprintf(bench->body, sizeof(bench->body), "%.*s", SLICE_ARGS(result->body));
    (void)snprintf(bench->error, sizeof(bench->error), "%s", result->error ? result->error : "");
    if (bench->to_cancel != NULL) {
        http_client_cancel(bench->to_cancel);
        bench->to_cancel = NULL;
    }
    if (bench->free_client) {
        bench->free_client = false;
        http_client_free(bench->client);
        bench->client = NULL;
    }
    if (bench->ended >= bench->expected) {
        loop_stop(bench->loop);
    }
}

static void bench_init(struct bench *bench, const struct scripted_step *steps, size_t count)
{
    memset(bench, 0, sizeof(*bench));
    bench->loop = loop_new();
    bench->options = (struct http_client_options){.loop = bench->loop,
                                                  .token = "secret-token",
                                                  .user_agent = "reelq/1.2.3",
                                                  .timeout_ms = 2000,
                                                  .max_body = 20,
                                                  .max_connections = 4};
    bench->client = http_client_new(&bench->options);
    loop_timer_init(&bench->alarm, bench->loop, on_alarm, bench);
    scripted_api_start(&bench->server, bench->loop, steps, count);
}

static void bench_clear(struct bench *bench)
{
    http_client_free(bench->client);
    scripted_api_stop(&bench->server);
    loop_timer_clear(&bench->alarm);
    loop_free(bench->loop);
}

static void bench_set_timeout(struct bench *bench, int64_t ms)
{
    http_client_free(bench->client);
    bench->options.timeout_ms = ms;
    bench->client = http_client_new(&bench->options);
}

static struct http_call *send_call(struct bench *bench, const char *method, const char *path)
{
    struct http_call_request request = {.method = method, .authorized = true};
    unsigned ended = bench->ended;
    struct http_call *call;
    char url[1024];

    (void)snprintf(url, sizeof(url), "%s%s", bench->server.url, path);
    request.url = url;
    request.body = slice_text(strcmp(method, "POST") == 0 ? "{\"a\":1}" : "");
    call = http_client_send(bench->client, &request, on_done, bench);
    cr_expect(bench->ended == ended, "done is not called from send");
    return call;
}

/* Runs until `count` more calls have ended, or 5 s have gone by. */
static void wait_for(struct bench *bench, unsigned count)
{
    bench->expected = bench->ended + count;
    loop_timer_start(&bench->alarm, 5000);
    loop_run(bench->loop);
    loop_timer_stop(&bench->alarm);
    cr_expect(!bench->rang, "ended in time");
}

/* Runs the loop for `ms`, to see that nothing happens. */
static void settle(struct bench *bench, int64_t ms)
{
    bench->expected = bench->ended + 1000;
    loop_timer_start(&bench->alarm, ms);
    loop_run(bench->loop);
    bench->rang = false;
}

static void call(struct bench *bench, const char *method, const char *path)
{
    send_call(bench, method, path);
    wait_for(bench, 1);
}

static bool got(const struct bench *bench, const char *text)
{
    return strcasestr(bench->server.last, text) != NULL;
}

Test(http_client, replies)
{
    static const struct scripted_step steps[] = {
        {SCRIPTED_REPLY, HEAD "Content-Length: 13\r\n\r\n{\"answer\":42}"},
        {SCRIPTED_REPLY,
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone"},
        {SCRIPTED_REPLY, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"},
        {SCRIPTED_REPLY, HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"},
        {SCRIPTED_REPLY_CLOSE, "HTTP/1.0 500 Oops\r\n\r\nuntil the end"},
        {SCRIPTED_REPLY, "HTTP/1.1 204 None\r\n\r\n"},
    };
    static const struct {
        int status;
        const char *body;
    } expected[] = {{200, "{\"answer\":42}"}, {404, "gone"}, {302, ""}, {200, "abc"},
                    {500, "until the end"},   {204, ""}};
    struct bench bench;

    bench_init(&bench, steps, COUNT(steps));
    for (size_t i = 0; i < COUNT(expected); i++) {
        call(&bench, "POST", "/upload");
        cr_expect(bench.end == HTTP_REPLIED, "reply %zu: %s", i, bench.error);
        cr_expect(bench.status == expected[i].status, "status %d", bench.status);
        cr_expect(strcmp(bench.body, expected[i].body) == 0, "body '%s'", bench.body);
        cr_expect(bench.retry_after_ms == -1, "no Retry-After in reply %zu", i);
    }
    cr_expect(bench.server.requests == COUNT(steps), "the redirect was not followed");
    bench_clear(&bench);
}

Test(http_client, requests)
{
    static const struct scripted_step steps[] = {{SCRIPTED_REPLY, OK_REPLY}};
    struct http_call_request plain = {.method = "GET"};
    struct bench bench;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    bench_init(&bench, steps, COUNT(steps));
    call(&bench, "POST", "/collection/default/upload?x=1");
    cr_expect(got(&bench, "POST /collection/default/upload?x=1 HTTP/1.1\r\n"), "request line");
    cr_expect(got(&bench, "\r\nx-access-token: secret-token\r\n"), "token");
    cr_expect(got(&bench, "\r\nx-videodb-client: reelq/1.2.3\r\n"), "client");
    cr_expect(got(&bench, "\r\nUser-Agent: reelq/1.2.3\r\n"), "user agent");
    cr_expect(got(&bench, "\r\nContent-Type: application/json\r\n"), "content type");
    cr_expect(got(&bench, "\r\n\r\n{\"a\":1}"), "body");
    cr_expect(!got(&bench, "Expect:"), "no Expect");
    cr_expect(!got(&bench, "Accept-Encoding:"), "no compressed replies");
    call(&bench, "DELETE", "/video/m-1");
    cr_expect(got(&bench, "DELETE /video/m-1 HTTP/1.1\r\n"), "request line of DELETE");
    cr_expect(!got(&bench, "Content-"), "no body in DELETE");
    plain.url = bench.server.url;
    http_client_send(bench.client, &plain, on_done, &bench);
    wait_for(&bench, 1);
    cr_expect(got(&bench, "GET / HTTP/1.1\r\n"), "request line of GET");
    cr_expect(!got(&bench, "x-access-token"), "no token where not authorized");
    cr_expect(bench.server.accepted == 1, "one connection for three calls");
    bench_clear(&bench);
}

Test(http_client, failures)
{
    static const struct {
        const char *name;
        struct scripted_step step;
        const char *error;
    } cases[] = {
        {"reset", {SCRIPTED_RESET, NULL}, ""},
        {"no answer", {SCRIPTED_HANG, NULL}, "timed out"},
        {"closed without a reply", {SCRIPTED_REPLY_CLOSE, "HTTP/1.1 "}, ""},
        {"cut in the head", {SCRIPTED_REPLY_CLOSE, HEAD "Content-Le"}, ""},
        {"cut after 100", {SCRIPTED_REPLY_CLOSE, "HTTP/1.1 100 Continue\r\n\r\n"}, ""},
        {"cut in the body", {SCRIPTED_REPLY_CLOSE, HEAD "Content-Length: 10\r\n\r\nabc"}, ""},
        {"cut in a chunk",
         {SCRIPTED_REPLY_CLOSE, HEAD "Transfer-Encoding: chunked\r\n\r\n9\r\nabc"},
         ""},
        {"too large",
         {SCRIPTED_REPLY, HEAD "Content-Length: 21\r\n\r\n012345678901234567890"},
         "too large"},
        {"not HTTP", {SCRIPTED_REPLY_CLOSE, "SSH-2.0-OpenSSH\r\n"}, ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_init(&bench, &cases[i].step, 1);
        bench_set_timeout(&bench, 500);
        call(&bench, "POST", "/upload?secret=1");
        cr_expect(bench.end == HTTP_UNKNOWN, "%s: end %d", cases[i].name, bench.end);
        cr_expect(bench.error[0] != '\0', "%s: has an error", cases[i].name);
        cr_expect(strstr(bench.error, cases[i].error) != NULL, "%s: %s", cases[i].name,
                  bench.error);
        cr_expect(strstr(bench.error, "secret") == NULL, "%s: %s", cases[i].name, bench.error);
        cr_expect(bench.server.requests == 1, "%s: sent once", cases[i].name);
        bench_clear(&bench);
    }
}

Test(http_client, nothing_sent)
{
    static const struct scripted_step steps[] = {{SCRIPTED_REPLY, OK_REPLY}};
    static const char *const schemes[] = {"https://", "ftp://", "http://host.invalid/", "nonsense ",
                                          "http://"};
    struct bench bench;

    bench_init(&bench, steps, COUNT(steps));
    for (size_t i = 0; i < COUNT(schemes); i++) {
        char url[1024];
        struct http_call_request request = {.method = "POST", .url = url, .body = slice_text("{}")};
        bench_set_timeout(&bench, 300); /* the server waits for more of the TLS hello */
        request.send_before_ms = strcmp(schemes[i], "http://") == 0; /* that is long over */
        (void)snprintf(url, sizeof(url), "%s%s/?secret=1", schemes[i],
                       bench.server.url + strlen("http://"));
        http_client_send(bench.client, &request, on_done, &bench);
        wait_for(&bench, 1);
        bool late = request.send_before_ms != 0;
        cr_expect_eq(bench.end, late ? HTTP_TOO_LATE : HTTP_NOT_SENT, "%s: %d", url, bench.end);
        cr_expect(bench.error[0] != '\0', "%s: has an error", url);
        cr_expect(strstr(bench.error, "secret") == NULL, "%s: %s", url, bench.error);
    }
    scripted_api_refuse(&bench.server);
    call(&bench, "POST", "/refused");
    cr_expect(bench.end == HTTP_NOT_SENT, "refused: end %d", bench.end);
    cr_expect(bench.server.requests == 0, "no request was seen");
    bench_clear(&bench);
}

/* libcurl would send a request again when a kept connection ends without a reply. */
Test(http_client, a_post_is_never_repeated)
{
    static const struct scripted_step steps[] = {
        {SCRIPTED_REPLY, OK_REPLY}, {SCRIPTED_RESET, NULL}, {SCRIPTED_REPLY, OK_REPLY}};
    static const struct scripted_step closing[] = {
        {SCRIPTED_REPLY, OK_REPLY}, {SCRIPTED_REPLY_CLOSE, ""}, {SCRIPTED_REPLY, OK_REPLY}};
    static const struct {
        const char *method;
        const struct scripted_step *steps;
        enum http_end end;
        unsigned requests;
    } cases[] = {{"POST", steps, HTTP_UNKNOWN, 2},
                 {"DELETE", steps, HTTP_UNKNOWN, 2},
                 {"GET", steps, HTTP_REPLIED, 3},
                 {"POST", closing, HTTP_UNKNOWN, 2}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_init(&bench, cases[i].steps, COUNT(steps));
        call(&bench, cases[i].method, "/first");
        cr_expect(bench.end == HTTP_REPLIED, "%zu: first call", i);
        call(&bench, cases[i].method, "/second");
        cr_expect(bench.end == cases[i].end, "%zu: end %d", i, bench.end);
        settle(&bench, 20);
        cr_expect(bench.server.requests == cases[i].requests, "%zu: %u requests", i,
                  bench.server.requests);
        call(&bench, cases[i].method, "/third");
        cr_expect(bench.end == HTTP_REPLIED, "%zu: the client goes on", i);
        bench_clear(&bench);
    }
}

Test(http_client, retry_after)
{
    static const struct {
        const char *value;
        int64_t lowest_ms, highest_ms;
    } cases[] = {
        {"7", 7000, 7000},
        {"0", 0, 0},
        {" 30 ", 30000, 30000},
        {"99999999999999999", 1000000000000, 1000000000000},
        {"Wed, 21 Oct 2015 07:28:00 GMT", 0, 0},
        {"soon", -1, -1},
        {"-5", -1, -1},
        {"", -1, -1},
        {NULL, 50000, 60000}, /* a date one minute from now */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char date[64], reply[256];
        struct scripted_step step = {SCRIPTED_REPLY, reply};
        time_t later = time(NULL) + 60;
        struct bench bench;
        (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&later));
        (void)snprintf(reply, sizeof(reply),
                       "HTTP/1.1 429 Slow\r\nRETRY-AFTER: %s\r\nContent-Length: 0\r\n\r\n",
                       cases[i].value ? cases[i].value : date);
        bench_init(&bench, &step, 1);
        call(&bench, "POST", "/upload");
        cr_expect(bench.end == HTTP_REPLIED && bench.status == 429, "a reply like any other");
        cr_expect(bench.retry_after_ms >= cases[i].lowest_ms &&
                      bench.retry_after_ms <= cases[i].highest_ms,
                  "'%s' gives %lld", cases[i].value ? cases[i].value : date,
                  (long long)bench.retry_after_ms);
        bench_clear(&bench);
    }
}

Test(http_client, cancel)
{
    static const struct scripted_step steps[] = {{SCRIPTED_HANG, NULL}, {SCRIPTED_REPLY, OK_REPLY}};
    struct bench bench;
    struct http_call *hanging;

    bench_init(&bench, steps, COUNT(steps));
    http_client_cancel(send_call(&bench, "POST", "/at-once"));
    hanging = send_call(&bench, "POST", "/hangs");
    cr_expect(wait_for_count(bench.loop, &bench.server.requests, 1, 5000), "under way");
    http_client_cancel(hanging);
    settle(&bench, 20);
    cr_expect(bench.ended == 0, "done is not called for what was cancelled");
    call(&bench, "POST", "/next");
    cr_expect(bench.end == HTTP_REPLIED, "the client goes on");
    send_call(&bench, "POST", "/one");
    bench.to_cancel = send_call(&bench, "POST", "/other");
    settle(&bench, 50);
    cr_expect(bench.ended == 2, "cancelled from the callback of another one");
    bench_clear(&bench);
}

Test(http_client, more_calls_than_connections)
{
    static const struct scripted_step steps[] = {{SCRIPTED_REPLY, OK_REPLY}};
    struct bench bench;

    bench_init(&bench, steps, COUNT(steps));
    for (int i = 0; i < 50; i++) {
        send_call(&bench, "POST", "/upload");
    }
    wait_for(&bench, 50);
    cr_expect(bench.server.requests == 50, "all were sent");
    cr_expect(bench.server.accepted <= 4, "%u connections", bench.server.accepted);
    bench_clear(&bench);
}

Test(http_client, free_ends_all)
{
    static const struct scripted_step steps[] = {{SCRIPTED_HANG, NULL}};
    static const struct scripted_step answers[] = {{SCRIPTED_REPLY, OK_REPLY},
                                                   {SCRIPTED_HANG, NULL}};
    struct bench bench;

    http_client_free(NULL);
    bench_init(&bench, steps, COUNT(steps));
    for (int i = 0; i < 10; i++)
        send_call(&bench, "POST", "/upload");
    (void)wait_for_count(bench.loop, &bench.server.requests, 4, 5000);
    settle(&bench, 20);
    cr_expect(bench.server.requests == 4, "four run, six wait");
    http_client_free(bench.client);
    bench.client = NULL;
    cr_expect(bench.ended == 10 && bench.end == HTTP_CANCELLED, "%u ended", bench.ended);
    bench_clear(&bench);

    bench_init(&bench, answers, COUNT(answers));
    for (int i = 0; i < 10; i++) {
        send_call(&bench, "POST", "/upload");
    }
    bench.free_client = true; /* from the first callback */
    wait_for(&bench, 10);
    cr_expect(bench.ended == 10, "freed from a callback: %u ended", bench.ended);
    bench_clear(&bench);
}
