/* Answers that go on. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/http_field.h"
#include "net/http_push.h"
#include "support/http_bench.h"
#include "support/wait.h"

#define HEAD                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Kept: 1\r\n"                          \
    "Connection: close\r\n\r\n"

struct watcher {
    struct http_bench bench;
    struct http_push *push;
    int fd;
    bool gone, idle;
};

static void on_gone(void *arg)
{
    struct watcher *w = arg;

    cr_expect(!w->gone, "once");
    w->gone = true;
    w->push = NULL;
}

static void on_idle(void *arg)
{
    struct watcher *w = arg;
    w->idle = true;
}

static void begin(struct watcher *w)
{
    struct http_push_options options = {
        .content_type = "text/event-stream", .max_unsent = 100000, .on_gone = on_gone, .arg = w};

    http_bench_wait_later(&w->bench, 1);
    w->bench.later_count = 0;
    w->push = http_push_begin(w->bench.later[0], &options);
}

static void watch(struct watcher *w)
{
    *w = (struct watcher){.gone = false};
    http_bench_init(&w->bench);
    w->bench.options.headers = "X-Kept: 1\r\n";
    http_bench_start(&w->bench);
    w->fd = http_bench_dial(&w->bench);
    http_bench_say(w->fd, LATER);
    begin(w);
    cr_assert_not_null(w->push);
    http_bench_expect(&w->bench, w->fd, HEAD);
}

static void clear(struct watcher *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    http_bench_clear(&w->bench);
}

static void expect_gone(struct watcher *w)
{
    cr_expect(wait_for_flag(w->bench.loop, &w->gone, 5000), "on_gone was called");
    http_bench_wait_open(&w->bench, 0);
}

Test(http_push, goes_on_past_the_deadlines_and_ends)
{
    struct watcher w;

    watch(&w);
    w.bench.timing.idle_ms = w.bench.timing.flush_ms = 1;
    http_push_send(w.push, slice_text("data: 1\n\n"));
    http_bench_expect(&w.bench, w.fd, "data: 1\n\n");
    http_bench_say(w.fd, ECHO("1", "a"));
    http_bench_expect_silence(&w.bench, w.fd); // nothing else is answered on it
    http_push_send(w.push, slice_text("data: 2\n\n"));
    cr_expect_eq(http_server_connections(w.bench.server), 1);
    http_push_end(w.push);
    http_bench_wait_open(&w.bench, 0);
    cr_expect(!w.gone);
    clear(&w);
}

Test(http_push, notices_who_goes)
{
    struct watcher w;

    watch(&w);
    http_bench_say(w.fd, "GET / HTTP/1.1\r\n"); // what nobody reads does not hide the end
    http_bench_turn(&w.bench);
    (void)close(w.fd);
    w.fd = -1;
    expect_gone(&w);
    clear(&w);
}

Test(http_push, is_not_begun_for_who_has_gone)
{
    struct watcher w;

    watch(&w);
    int fd = http_bench_dial(&w.bench);
    struct http_push *first = w.push;
    http_bench_say(fd, LATER);
    http_bench_wait_later(&w.bench, 1);
    (void)close(fd);
    for (int i = 0; i < 20; i++)
        http_bench_turn(&w.bench);
    begin(&w);
    cr_expect_null(w.push);
    cr_expect(!w.gone);
    http_push_end(first);
    clear(&w);
}

/* Who does not read costs a bounded amount of memory, and then goes. */
Test(http_push, drops_who_is_too_slow)
{
    static char block[50000];
    struct watcher w;
    int sent = 0;

    watch(&w);
    memset(block, 'x', sizeof(block));
    for (int64_t end = clock_monotonic_ms() + 10000; !w.gone && clock_monotonic_ms() < end;) {
        sent++;
        http_push_send(w.push, slice_make(block, sizeof(block)));
        http_bench_turn(&w.bench);
    }
    cr_expect(sent > 2, "the kernel takes some");
    expect_gone(&w);
    clear(&w);
}

Test(http_push, ends_when_the_server_drains)
{
    struct watcher w;

    watch(&w);
    http_server_drain(w.bench.server, on_idle, &w);
    cr_expect(w.gone);
    http_bench_expect_last(&w.bench, w.fd, "");
    w.fd = -1;
    cr_expect(wait_for_flag(w.bench.loop, &w.idle, 5000), "nothing is open");
    clear(&w);
}

Test(http_push, ends_with_the_server_and_counts_for_its_capacity)
{
    struct watcher w;

    watch(&w);
    cr_expect_eq(http_server_connections(w.bench.server), 1);
    http_server_free(w.bench.server);
    w.bench.server = NULL;
    cr_expect(w.gone);
    clear(&w);
}

Test(http_push, fields_are_found_whatever_their_case)
{
    struct slice fields = slice_text("Host: a:1\r\norigin:\thttp://a:1 \r\nX:\r\nX: 2\r\n\r\n");
    struct slice value = slice_text("none");

    cr_expect_eq(http_field_find(fields, "Origin", &value), 1);
    cr_expect(slice_is(value, "http://a:1"));
    cr_expect_eq(http_field_find(fields, "hos", &value), 0);
    cr_expect(slice_is(value, "http://a:1"), "left alone");
    cr_expect_eq(http_field_find(fields, "X", &value), 2);
    cr_expect(slice_is(value, "2"));
    cr_expect_eq(http_field_find(slice_text(""), "X", &value), 0);
}
