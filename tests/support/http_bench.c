#include "support/http_bench.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"

enum { PATIENCE_MS = 5000 };

/* --- server ----------------------------------------------------------------------------------- */

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    (void)arg;
    cr_expect_eq(view->body.length, 0, "the gate sees no body");
    if (slice_is(view->path, "/post") && !slice_is(view->method, "POST")) {
        *allow = "POST";
        return HTTP_WRONG_METHOD;
    }
    bool known = slice_is(view->path, "/echo") || slice_is(view->path, "/later") ||
                 slice_is(view->path, "/post") || slice_is(view->path, "/missing");
    return known ? HTTP_ADMIT : HTTP_UNKNOWN_ROUTE;
}

void http_bench_reply(struct http_request *request, int status, struct slice body)
{
    struct http_answer answer = {.status = status, .body = body};
    http_reply(request, &answer);
}

static void on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct http_bench *bench = arg;

    bench->handled++;
    if (slice_is(view->path, "/later"))
        bench->later[bench->later_count++] = request;
    else
        http_bench_reply(request, slice_is(view->path, "/missing") ? 404 : 200, view->body);
}

static void on_tick(void *arg)
{
    (void)arg; // only ends a turn of the loop in which nothing else happens
}

void http_bench_turn(struct http_bench *bench)
{
    loop_timer_start(&bench->tick, 2);
    (void)event_base_loop(loop_base(bench->loop), EVLOOP_ONCE);
}

void http_bench_init(struct http_bench *bench)
{
    *bench = (struct http_bench){.timing = http_timing_default};
    log_set_level(LOG_LEVEL_ERROR);
    bench->loop = loop_new();
    loop_timer_init(&bench->tick, bench->loop, on_tick, bench);
    bench->options = (struct http_server_options){.loop = bench->loop,
                                                  .listen = "127.0.0.1:0",
                                                  .name = "test",
                                                  .gate = on_head,
                                                  .handle = on_request,
                                                  .arg = bench,
                                                  .max_body = 1000,
                                                  .max_connections = 100,
                                                  .trusted_proxies = "",
                                                  .timing = &bench->timing};
}

void http_bench_start(struct http_bench *bench)
{
    struct error error = {""};

    bench->server = http_server_new(&bench->options, &error);
    cr_assert_not_null(bench->server, "%s", error.text);
}

void http_bench_clear(struct http_bench *bench)
{
    http_server_free(bench->server);
    for (unsigned i = 0; i < bench->later_count; i++)
        http_bench_reply(bench->later[i], 200, slice_text("too late"));
    loop_timer_clear(&bench->tick);
    loop_free(bench->loop);
}

void http_bench_wait_later(struct http_bench *bench, unsigned count)
{
    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS;
         bench->later_count < count && clock_monotonic_ms() < end;)
        http_bench_turn(bench);
    cr_assert_eq(bench->later_count, count, "requests that wait for their reply");
}

void http_bench_wait_open(struct http_bench *bench, unsigned count)
{
    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS;
         http_server_connections(bench->server) != count && clock_monotonic_ms() < end;)
        http_bench_turn(bench);
    cr_expect_eq(http_server_connections(bench->server), count, "connections");
}

/* --- client ----------------------------------------------------------------------------------- */

int http_bench_dial(const struct http_bench *bench)
{
    const char *colon = strrchr(http_server_address(bench->server), ':');
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10)),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0, "%s", strerror(errno));
    return fd;
}

void http_bench_say(int fd, const char *text)
{
    size_t length = strlen(text);
    cr_expect_eq(send(fd, text, length, MSG_NOSIGNAL), (ssize_t)length, "%s", strerror(errno));
}

/* Reads until `length` bytes are there or the stream ends; true at its proper end. */
bool http_bench_collect(struct http_bench *bench, int fd, size_t length, struct buffer *got)
{
    char bytes[4096];

    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS; got->length < length;) {
        ssize_t count = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (count > 0)
            buffer_add(got, bytes, (size_t)count);
        else if (count == 0)
            return true;
        else if (errno != EAGAIN || clock_monotonic_ms() > end)
            return false;
        else
            http_bench_turn(bench);
    }
    return false;
}

void http_bench_expect(struct http_bench *bench, int fd, const char *text)
{
    struct buffer got = BUFFER(HTTP_BENCH_RECEIVED_MAX);

    (void)http_bench_collect(bench, fd, strlen(text), &got);
    cr_expect_str_eq(buffer_text(&got), text);
    buffer_clear(&got);
}

/* `text`, and then the end of the stream; closes. */
void http_bench_expect_last(struct http_bench *bench, int fd, const char *text)
{
    struct buffer got = BUFFER(HTTP_BENCH_RECEIVED_MAX);

    bool ended = http_bench_collect(bench, fd, HTTP_BENCH_RECEIVED_MAX, &got);
    cr_expect_str_eq(buffer_text(&got), text);
    cr_expect(ended, "a proper end, not a reset or silence");
    buffer_clear(&got);
    (void)close(fd);
}

void http_bench_expect_silence(struct http_bench *bench, int fd)
{
    char byte;

    for (int i = 0; i < 10; i++)
        http_bench_turn(bench);
    cr_expect(recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == -1 && errno == EAGAIN);
}
