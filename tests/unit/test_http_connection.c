/* How connections of an HTTP listener end, and how many there may be. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/http_bench.h"
#include "support/wait.h"

/* --- deadlines -------------------------------------------------------------------------------- */

Test(http_connection, has_deadlines)
{
    static const struct {
        const char *name, *request, *answer;
    } cases[] = {
        {"nothing sent", "", ""},
        {"head", "POST /echo HTTP/1.1\r\nHost:", TIMED_OUT},
        {"body", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na", TIMED_OUT},
        {"chunk", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3",
         TIMED_OUT},
        {"idle", ECHO("1", "a"), OK_BODY("1", "a")},
        {"second head", ECHO("1", "a") "P", OK_BODY("1", "a") TIMED_OUT},
    };
    struct http_bench bench;

    http_bench_init(&bench);
    bench.timing.header_ms = bench.timing.body_ms = bench.timing.idle_ms = 30;
    http_bench_start(&bench);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = http_bench_dial(&bench);
        http_bench_say(fd, cases[i].request);
        http_bench_expect_last(&bench, fd, cases[i].answer);
    }
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

/* A client that drips gains no time: the deadline is for the whole head, and the whole request. */
static void drip(struct http_bench *bench, const char *first, const char *rest)
{
    int fd = http_bench_dial(bench);
    int64_t begin = clock_monotonic_ms();

    http_bench_say(fd, first);
    for (const char *c = rest; *c != '\0' && send(fd, c, 1, MSG_NOSIGNAL) == 1; c++)
        for (int64_t next = clock_monotonic_ms() + 10; clock_monotonic_ms() < next;)
            http_bench_turn(bench);
    cr_expect_lt(clock_monotonic_ms() - begin, 2000, "cut off in time");
    http_bench_expect_last(bench, fd, TIMED_OUT);
}

Test(http_connection, does_not_wait_for_a_drip)
{
    char rest[400];
    struct http_bench bench;

    http_bench_init(&bench);
    bench.timing.header_ms = 100;
    bench.timing.request_ms = 100;
    bench.timing.linger_ms = 50;
    http_bench_start(&bench);
    memset(rest, 'x', sizeof(rest) - 1);
    rest[sizeof(rest) - 1] = '\0';
    drip(&bench, "GET /", rest);
    drip(&bench, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n", rest);
    http_bench_clear(&bench);
}

Test(http_connection, gives_up_a_client_that_does_not_read)
{
    enum { SIZE = 8 * 1024 * 1024 };
    struct http_bench bench;
    char *body = calloc(SIZE, 1);

    http_bench_init(&bench);
    bench.timing.flush_ms = 30;
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, LATER);
    http_bench_wait_later(&bench, 1);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_make(body, SIZE));
    http_bench_wait_open(&bench, 0);
    (void)close(fd);
    free(body);
    http_bench_clear(&bench);
}

/* --- lifetimes -------------------------------------------------------------------------------- */

Test(http_connection, takes_a_reply_after_the_client_left)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int gone = http_bench_dial(&bench), cut = http_bench_dial(&bench);
    http_bench_say(gone, LATER);
    http_bench_wait_later(&bench, 1);
    http_bench_say(cut, LATER ECHO("1", "a"));
    http_bench_wait_later(&bench, 2);
    (void)close(gone);
    (void)setsockopt(cut, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    (void)close(cut);
    for (int i = 0; i < 10; i++)
        http_bench_turn(&bench);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("a"));
    http_bench_reply(bench.later[1], 503, slice_text("b"));
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

Test(http_connection, takes_a_reply_after_it_is_gone_itself)
{
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench), idle = http_bench_dial(&bench);
    http_bench_say(fd, LATER);
    http_bench_wait_later(&bench, 1);
    http_bench_clear(&bench); // replies after http_server_free()
    (void)close(fd);
    (void)close(idle);
}

/* --- caps ------------------------------------------------------------------------------------- */

static void expect_turned_away(struct http_bench *bench, int fd)
{
    struct buffer got = BUFFER(HTTP_BENCH_RECEIVED_MAX);

    http_bench_say(fd, ECHO("1", "a"));
    cr_expect(http_bench_collect(bench, fd, HTTP_BENCH_RECEIVED_MAX, &got), "a proper end");
    cr_expect(slice_starts_with(buffer_slice(&got), "HTTP/1.1 503 Service Unavailable\r\n"));
    const char *after = strstr(buffer_text(&got), "\r\nRetry-After: ");
    cr_assert_not_null(after);
    long seconds = strtol(after + strlen("\r\nRetry-After: "), NULL, 10);
    cr_expect(seconds >= 1 && seconds <= 5);
    cr_expect_not_null(strstr(buffer_text(&got), "\r\nConnection: close\r\n"));
    buffer_clear(&got);
    (void)close(fd);
}

static void expect_served(struct http_bench *bench, int fd)
{
    http_bench_say(fd, ECHO("1", "a"));
    http_bench_expect(bench, fd, OK_BODY("1", "a"));
}

/* Nobody is sent away whose request is in work. */
Test(http_connection, has_a_cap_of_connections)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.options.max_connections = 2;
    bench.options.max_per_address = 1; // loopback is not counted
    http_bench_start(&bench);
    int first = http_bench_dial(&bench), second = http_bench_dial(&bench);
    http_bench_say(first, LATER);
    http_bench_say(second, LATER);
    http_bench_wait_later(&bench, 2);
    expect_turned_away(&bench, http_bench_dial(&bench));
    http_bench_reply(bench.later[1], 200, slice_text("b"));
    bench.later_count = 1;
    http_bench_expect(&bench, second, OK_BODY("1", "b"));
    int third = http_bench_dial(&bench); // in the place of `second`, which waits for its client
    expect_served(&bench, third);
    http_bench_expect_last(&bench, second, "");
    second = third;
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("c"));
    (void)close(first);
    (void)close(second);
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

/* Who is closed is the one whose wait began first: at its accept, or with its last answer, but not
 * with what it has sent since. */
Test(http_connection, makes_room_for_new_clients)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.options.max_connections = 4;
    http_bench_start(&bench);
    int kept = http_bench_dial(&bench), busy = http_bench_dial(&bench);
    int silent = http_bench_dial(&bench), begun = http_bench_dial(&bench);
    http_bench_wait_open(&bench, 4);
    http_bench_say(busy, LATER);
    http_bench_wait_later(&bench, 1);
    expect_served(&bench, kept);
    http_bench_say(silent, "P"); // it drips, which gains nothing
    http_bench_expect_silence(&bench, silent);
    int next = http_bench_dial(&bench);
    http_bench_expect_last(&bench, silent, "");
    expect_served(&bench, next);
    http_bench_say(begun, "POST /echo HTTP/1.1\r\n");
    http_bench_expect_silence(&bench, begun);
    int last = http_bench_dial(&bench);
    http_bench_expect_last(&bench, begun, "");
    expect_served(&bench, last);
    expect_served(&bench, kept);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("b"));
    http_bench_expect(&bench, busy, OK_BODY("1", "b"));
    http_bench_wait_open(&bench, 4);
    (void)close(kept);
    (void)close(busy);
    (void)close(next);
    (void)close(last);
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

/* A client that was refused, and stays, has no place worth keeping. */
Test(http_connection, makes_room_of_those_that_have_their_answer)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.options.max_connections = 3;
    http_bench_start(&bench);
    int quiet = http_bench_dial(&bench), refused[2];
    http_bench_wait_open(&bench, 1);
    for (int i = 0; i < 2; i++) {
        refused[i] = http_bench_dial(&bench);
        http_bench_say(refused[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        http_bench_expect(&bench, refused[i], NOT_FOUND);
    }
    int next[2] = {http_bench_dial(&bench), http_bench_dial(&bench)};
    expect_served(&bench, next[0]);
    expect_served(&bench, next[1]);
    expect_served(&bench, quiet);
    http_bench_wait_open(&bench, 3);
    for (int i = 0; i < 2; i++) {
        (void)close(refused[i]);
        (void)close(next[i]);
    }
    (void)close(quiet);
    http_bench_clear(&bench);
}

Test(http_connection, survives_running_out_of_descriptors)
{
    struct rlimit before, none;
    struct http_bench bench;

    if (getenv("REELQ_VALGRIND") != NULL)
        cr_skip_test("valgrind counts descriptors in its own way");
    http_bench_init(&bench);
    http_bench_start(&bench);
    int waiting = http_bench_dial(&bench);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3; // fewer than are open: no new one can be made, not even for the spare
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    unsigned turns = 0;
    for (int64_t end = clock_monotonic_ms() + 50; clock_monotonic_ms() < end; turns++)
        http_bench_turn(&bench);
    cr_expect_lt(turns, 200, "no busy loop: %u turns", turns);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    http_bench_say(waiting, ECHO("1", "a"));
    http_bench_expect(&bench, waiting, OK_BODY("1", "a"));
    (void)close(waiting);
    http_bench_clear(&bench);
}

/* --- addresses -------------------------------------------------------------------------------- */

Test(http_connection, listens_on_unix_sockets)
{
    char directory[] = "/tmp/reelq-http-XXXXXX";
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct stat status;
    struct error error = {""};
    struct http_bench bench;
    char listen_on[sizeof(name.sun_path) + 8];

    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", directory);
    (void)snprintf(listen_on, sizeof(listen_on), "unix:%s", name.sun_path);
    int stale = socket(AF_UNIX, SOCK_STREAM, 0); // left behind by a process that was killed
    cr_assert_eq(bind(stale, (struct sockaddr *)&name, sizeof(name)), 0);
    (void)close(stale);

    http_bench_init(&bench);
    bench.options.listen = listen_on;
    http_bench_start(&bench);
    cr_expect_str_eq(http_server_address(bench.server), listen_on);
    cr_expect_null(http_server_new(&bench.options, &error), "somebody listens there");
    cr_expect_not_null(strstr(error.text, listen_on), "%s", error.text);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    http_bench_say(fd, ECHO("1", "a"));
    http_bench_expect(&bench, fd, OK_BODY("1", "a"));
    (void)close(fd);
    http_bench_clear(&bench);
    cr_expect_eq(stat(name.sun_path, &status), -1, "the file is gone");
    cr_expect_eq(rmdir(directory), 0);
}

Test(http_connection, shares_a_port_and_says_why_it_cannot_listen)
{
    static const struct {
        const char *listen, *trusted, *reason;
    } cases[] = {
        {"127.0.0.1", "", "HOST:PORT"},
        {"192.0.2.1:1", "", "192.0.2.1:1"},
        {"unix:/nonexistent/s", "", "unix:/nonexistent/s: No such file"},
        {"127.0.0.1:0", "10.0.0.0/33", "10.0.0.0/33"},
    };
    struct http_bench bench;
    struct error error = {""};

    http_bench_init(&bench);
    http_bench_start(&bench);
    bench.options.listen = http_server_address(bench.server);
    struct http_server *second = http_server_new(&bench.options, &error);
    cr_expect_not_null(second, "%s", error.text);
    http_server_free(second);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench.options.listen = cases[i].listen;
        bench.options.trusted_proxies = cases[i].trusted;
        cr_expect_null(http_server_new(&bench.options, &error));
        cr_expect_not_null(strstr(error.text, cases[i].reason), "%s", error.text);
    }
    http_bench_clear(&bench);
}
