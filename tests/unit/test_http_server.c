/* What an HTTP listener answers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/xalloc.h"
#include "support/http_bench.h"

/* --- requests --------------------------------------------------------------------------------- */

Test(http_server, answers_what_it_refuses_and_ends_the_connection)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        {"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
         OK_CLOSE("2", "ab")},
        {"POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", OK_CLOSE("2", "ab")},
        {"HEAD /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", OK_CLOSE("2", "")},
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", NOT_FOUND},
        {"GET / HTTP/1.0\r\n\r\n", NOT_FOUND},
        {"BREW /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", NOT_FOUND},
        {"GET /missing HTTP/1.1\r\nHost: h\r\n\r\n", NOT_FOUND},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n", NOT_FOUND},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", NOT_FOUND},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n", NOT_FOUND},
        {"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
         NOT_FOUND},
        {"POST / HTTP/1.1\r\nExpect: x\r\n\r\n", NOT_FOUND},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n",
         REFUSED("413 Content Too Large", "18", "", "content too large\n")},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
         REFUSED("413 Content Too Large", "18", "", "content too large\n")},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         BAD_REQUEST},
        {"HEAD /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
         REFUSED("400 Bad Request", "12", "", "")},
        {"\x16\x03\x01", BAD_REQUEST},
        {"GET /\n", BAD_REQUEST},
        {"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: x\r\nContent-Length: 1\r\n\r\n",
         REFUSED("417 Expectation Failed", "19", "", "expectation failed\n")},
        {"GET /echo HTTP/3.0\r\n",
         REFUSED("505 HTTP Version Not Supported", "27", "", "HTTP version not supported\n")},
        {"HEAD /post HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n"
         "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n         ",
         REFUSED("405 Method Not Allowed", "19", "Allow: POST\r\n", "")},
    };
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int fd = http_bench_dial(&bench);
        http_bench_say(fd, cases[i].request);
        http_bench_expect_last(&bench, fd, cases[i].answer);
    }
    http_bench_wait_open(&bench, 0);
    cr_expect_eq(http_server_answers(bench.server), sizeof(cases) / sizeof(cases[0]));
    http_bench_clear(&bench);
}

Test(http_server, keeps_the_connection)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.timing.max_requests = 5;
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, ECHO("2", "ab"));
    http_bench_expect(&bench, fd, OK_BODY("2", "ab"));
    http_bench_say(fd,
                   "GET /post HTTP/1.1\r\nHost: h\r\n\r\n"); // nothing follows it: no need to close
    http_bench_expect(&bench, fd,
                      "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\n"
                      "Content-Length: 19\r\nAllow: POST\r\n\r\nmethod not allowed\n");
    http_bench_say(fd,
                   "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx");
    http_bench_expect(&bench, fd,
                      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n"
                      "Connection: keep-alive\r\n\r\nx");
    http_bench_say(fd, "HEAD /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    http_bench_expect(&bench, fd, OK_BODY("4", ""));
    http_bench_say(fd, ECHO("3", "end") ECHO("1", "x"));
    http_bench_expect_last(&bench, fd, OK_CLOSE("3", "end")); // the fifth is the last
    http_bench_clear(&bench);
}

Test(http_server, takes_a_request_in_pieces)
{
    static const char request[] = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                                  "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    for (const char *c = request; *c != '\0'; c++) {
        cr_expect_eq(send(fd, c, 1, MSG_NOSIGNAL), 1);
        http_bench_turn(&bench);
    }
    http_bench_expect(&bench, fd, OK_BODY("5", "abcde"));
    (void)close(fd);
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

Test(http_server, answers_pipelined_requests_in_order)
{
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, ECHO("1", "a") LATER ECHO("1", "b") LATER ECHO("1", "c"));
    http_bench_expect(&bench, fd, OK_BODY("1", "a"));
    http_bench_wait_later(&bench, 1);
    http_bench_expect_silence(&bench, fd);
    cr_expect_eq(bench.handled, 2, "nothing is handled behind a request that waits");
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("1"));
    cr_expect_eq(bench.handled, 2, "no handler runs inside http_reply()");
    http_bench_expect(&bench, fd, OK_BODY("1", "1") OK_BODY("1", "b"));
    http_bench_wait_later(&bench, 1);
    (void)shutdown(fd, SHUT_WR); // the client has said all: what it said is answered still
    http_bench_expect_silence(&bench, fd);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("2"));
    http_bench_expect_last(&bench, fd, OK_BODY("1", "2") OK_BODY("1", "c"));
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

/* What lies behind a request that is in work costs nothing while it lies there. */
Test(http_server, rests_while_a_request_is_in_work)
{
    enum { BEHIND = 800 }; // more than is read ahead
    struct buffer got = BUFFER(HTTP_BENCH_RECEIVED_MAX);
    struct http_bench bench;
    struct timeval while_ms = {.tv_usec = 300000};

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, LATER);
    for (int i = 0; i < BEHIND; i++)
        http_bench_say(fd, ECHO("1", "a"));
    http_bench_wait_later(&bench, 1);
    clock_t begin = clock(); // of the processor
    (void)event_base_loopexit(loop_base(bench.loop), &while_ms);
    loop_run(bench.loop);
    long used_ms = (long)(clock() - begin) * 1000 / CLOCKS_PER_SEC;
    cr_expect_lt(used_ms, 30, "no busy loop: %ld ms", used_ms);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_text("b"));
    (void)http_bench_collect(&bench, fd, (BEHIND + 1) * strlen(OK_BODY("1", "a")), &got);
    cr_expect_eq(bench.handled, BEHIND + 1);
    cr_expect_eq(got.length, (BEHIND + 1) * strlen(OK_BODY("1", "a")));
    buffer_clear(&got);
    (void)close(fd);
    http_bench_clear(&bench);
}

Test(http_server, says_continue_only_to_who_waits)
{
    static const char head[] =
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    struct http_bench bench;

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, head);
    http_bench_expect(&bench, fd, "HTTP/1.1 100 Continue\r\n\r\n");
    http_bench_say(fd, "ab");
    http_bench_expect(&bench, fd, OK_BODY("2", "ab"));
    http_bench_say(
        fd,
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
    http_bench_expect(&bench, fd, OK_BODY("2", "ab"));
    http_bench_say(
        fd,
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
    http_bench_expect_last(&bench, fd,
                           REFUSED("413 Content Too Large", "18", "", "content too large\n"));
    http_bench_clear(&bench);
}

Test(http_server, wants_a_length_where_told)
{
    struct http_bench bench;

    http_bench_init(&bench);
    bench.options.require_json_length = true;
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, ECHO("0", "") "POST /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    http_bench_expect_last(
        &bench, fd, OK_BODY("0", "") REFUSED("411 Length Required", "16", "", "length required\n"));
    http_bench_clear(&bench);
}

/* The client sends more than the server ever reads, and must see the answer for all that. */
Test(http_server, lingers_so_that_the_answer_arrives)
{
    struct http_bench bench;
    char block[4096];

    http_bench_init(&bench);
    http_bench_start(&bench);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n");
    memset(block, 'x', sizeof(block));
    for (int left = 400000 / 4096; left > 0;) {
        if (send(fd, block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
            left--;
        else
            cr_assert_eq(errno, EAGAIN, "%s", strerror(errno));
        http_bench_turn(&bench);
    }
    http_bench_expect_last(&bench, fd,
                           REFUSED("413 Content Too Large", "18", "", "content too large\n"));
    http_bench_wait_open(&bench, 0);
    http_bench_clear(&bench);
}

/* An answer that does not fit into the socket is sent as the client takes it. */
Test(http_server, sends_large_answers)
{
    enum { SIZE = 8 * 1024 * 1024 };
    struct http_bench bench;
    struct buffer got = BUFFER(SIZE + 1024);
    char *body = xcalloc(1, SIZE);

    http_bench_init(&bench);
    http_bench_start(&bench);
    memset(body, 'y', SIZE);
    int fd = http_bench_dial(&bench);
    http_bench_say(fd, LATER ECHO("1", "z"));
    http_bench_wait_later(&bench, 1);
    bench.later_count = 0;
    http_bench_reply(bench.later[0], 200, slice_make(body, SIZE));
    size_t all = strlen(OK_BODY("8388608", "")) + SIZE + strlen(OK_BODY("1", "z"));
    (void)http_bench_collect(&bench, fd, all, &got);
    cr_expect_eq(got.length, all);
    cr_expect(slice_is(slice_skip(buffer_slice(&got), got.length - 5), "\r\n\r\nz"));
    (void)close(fd);
    free(body);
    buffer_clear(&got);
    http_bench_clear(&bench);
}
