/* How a server ends. */
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/http_bench.h"
#include "support/wait.h"

static void on_idle(void *arg)
{
    struct http_bench *bench = arg;
    bench->idle = true;
}

Test(http_drain, drains)
{
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int idle = http_bench_dial(&bench), begun = http_bench_dial(&bench),
        busy = http_bench_dial(&bench);
    http_bench_say(idle, ECHO("1", "a"));
    http_bench_expect(&bench, idle, OK_BODY("1", "a"));
    http_bench_say(begun, "POST /echo HTTP/1.1\r\nHost: h\r\n");
    http_bench_say(busy, LATER);
    http_bench_wait_later(&bench, 1);
    int unread = http_bench_dial(&bench); // connected, but the server has not accepted it
    http_bench_say(unread, ECHO("1", "u"));
    http_server_drain(bench.server, on_idle, &bench);
    http_bench_expect_last(&bench, idle, "");
    http_bench_expect_last(&bench, unread, OK_CLOSE("1", "u"));
    cr_expect(!bench.idle);
    http_bench_say(begun, "Content-Length: 1\r\n\r\nb");
    http_bench_expect_last(&bench, begun, OK_CLOSE("1", "b"));
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("c"));
    http_bench_expect_last(&bench, busy, OK_CLOSE("1", "c"));
    cr_expect(wait_for_flag(bench.loop, &bench.idle, 5000), "on_idle was called");
    http_bench_clear(&bench);
}

Test(http_drain, drains_at_once_when_nothing_is_open)
{
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    http_server_drain(bench.server, on_idle, &bench);
    cr_expect(!bench.idle, "from the loop, not from the call");
    cr_expect(wait_for_flag(bench.loop, &bench.idle, 5000), "on_idle was called");
    http_bench_clear(&bench);
}

/* The first request may be on its way, and nobody else will take it: it has its usual time. */
Test(http_drain, waits_for_the_first_request_when_it_drains)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.timing.header_ms = 400;
    http_bench_start(&bench);
    int late = http_bench_dial(&bench), never = http_bench_dial(&bench);
    http_bench_wait_open(&bench, 2);
    http_server_drain(bench.server, on_idle, &bench);
    http_bench_turn(&bench);
    http_bench_say(late, ECHO("1", "a"));
    http_bench_expect_last(&bench, late, OK_CLOSE("1", "a"));
    cr_expect(!bench.idle);
    http_bench_expect_last(&bench, never, "");
    cr_expect(wait_for_flag(bench.loop, &bench.idle, 5000), "on_idle was called");
    http_bench_clear(&bench);
}
