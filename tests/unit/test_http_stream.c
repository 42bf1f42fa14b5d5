/* One end of a socket pair is the stream, the other the client. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buffer.h"
#include "base/xalloc.h"
#include "net/http_stream.h"

enum { LARGE = 4 * 1024 * 1024, READ_AHEAD = 16 * 1024, TWICE = 2 * READ_AHEAD };

struct bench {
    struct loop *loop;
    struct http_stream *stream; /* NULL when it was freed */
    int client;
    struct buffer got; /* what on_input took */
    size_t take;       /* at most so much of each input */
    unsigned inputs;
    bool close_on_input;
    bool sent, ended, failed;
};

static void close_stream(struct bench *bench)
{
    http_stream_free(bench->stream);
    bench->stream = NULL;
}

static void on_input(void *arg)
{
    struct bench *bench = arg;
    struct slice input = slice_head(http_stream_peek(bench->stream), bench->take);

    bench->inputs++;
    buffer_add_slice(&bench->got, input);
    http_stream_drop(bench->stream, input.length);
    if (bench->close_on_input)
        close_stream(bench);
}

static void on_sent(void *arg)
{
    struct bench *bench = arg;
    bench->sent = true;
}

static void on_end(bool failed, void *arg)
{
    struct bench *bench = arg;

    bench->ended = true;
    bench->failed = failed;
    if (failed)
        close_stream(bench);
}

static void start(struct bench *bench)
{
    struct http_stream_events events = {
        .on_input = on_input, .on_sent = on_sent, .on_end = on_end, .arg = bench};
    int ends[2];

    *bench = (struct bench){.loop = loop_new(), .got = BUFFER(LARGE), .take = SIZE_MAX};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    bench->client = ends[1];
    bench->stream = http_stream_new(bench->loop, ends[0], &events);
}

static void stop(struct bench *bench)
{
    if (bench->stream != NULL)
        close_stream(bench);
    (void)close(bench->client);
    buffer_clear(&bench->got);
    loop_free(bench->loop);
}

static void say(const struct bench *bench, const char *text)
{
    size_t length = strlen(text);
    cr_assert_eq(send(bench->client, text, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* All that is due now. */
static void turn(const struct bench *bench)
{
    for (int i = 0; i < 4; i++)
        (void)event_base_loop(loop_base(bench->loop), EVLOOP_NONBLOCK);
}

static void expect_got(const struct bench *bench, const char *text)
{
    cr_expect_str_eq(buffer_text(&bench->got), text);
}

/* --- input ------------------------------------------------------------------------------------ */

Test(http_stream, hands_out_what_comes)
{
    struct bench bench;

    start(&bench);
    say(&bench, "one ");
    turn(&bench);
    say(&bench, "two");
    turn(&bench);
    expect_got(&bench, "one two");
    cr_expect_eq(http_stream_peek(bench.stream).length, 0);
    stop(&bench);
}

Test(http_stream, keeps_what_nobody_took_and_reads_no_more_meanwhile)
{
    struct bench bench;
    char behind;

    start(&bench);
    bench.take = 2;
    say(&bench, "abcd");
    turn(&bench);
    say(&bench, "ef");
    turn(&bench);
    cr_expect_eq(bench.inputs, 1, "%u inputs", bench.inputs);
    cr_expect(slice_is(http_stream_peek(bench.stream), "cd"));
    http_stream_wake(bench.stream);
    expect_got(&bench, "ab");
    turn(&bench);
    expect_got(&bench, "abcdef");
    cr_expect_eq(recv(bench.client, &behind, 1, MSG_DONTWAIT), -1);
    stop(&bench);
}

Test(http_stream, reads_on_when_the_rest_is_dropped)
{
    struct bench bench;

    start(&bench);
    bench.take = 0;
    say(&bench, "abcd");
    turn(&bench);
    bench.take = SIZE_MAX;
    http_stream_drop(bench.stream, 1);
    cr_expect(slice_is(http_stream_peek(bench.stream), "bcd"));
    http_stream_drop(bench.stream, SIZE_MAX);
    say(&bench, "e");
    turn(&bench);
    expect_got(&bench, "e");
    stop(&bench);
}

Test(http_stream, reads_ahead_only_so_far)
{
    struct bench bench;
    char *bytes = xcalloc(1, TWICE);

    start(&bench);
    bench.take = 0;
    cr_assert_eq(send(bench.client, bytes, TWICE, 0), TWICE);
    turn(&bench);
    cr_expect_eq(http_stream_peek(bench.stream).length, READ_AHEAD);
    free(bytes);
    stop(&bench);
}

Test(http_stream, knows_whether_a_byte_has_come)
{
    struct bench bench;

    start(&bench);
    bench.take = 0;
    cr_expect(http_stream_is_silent(bench.stream));
    say(&bench, "a");
    cr_expect(!http_stream_is_silent(bench.stream), "in the kernel");
    turn(&bench);
    cr_expect(!http_stream_is_silent(bench.stream), "here");
    http_stream_drop(bench.stream, 1);
    cr_expect(http_stream_is_silent(bench.stream));
    stop(&bench);
}

/* --- output ----------------------------------------------------------------------------------- */

/* Takes all that is to come, a piece at a time. */
static size_t collect(const struct bench *bench, char wanted)
{
    static char bytes[64 * 1024];
    size_t count = 0;

    for (;;) {
        ssize_t got = recv(bench->client, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got <= 0)
            return count;
        count += (size_t)got;
        cr_expect_eq(bytes[got - 1], count == LARGE + 1 ? 'z' : wanted);
        turn(bench);
    }
}

Test(http_stream, sends_what_the_client_takes_and_the_rest_later)
{
    struct bench bench;
    char *bytes = xcalloc(1, LARGE);

    start(&bench);
    http_stream_send(bench.stream, slice_text("short"));
    cr_expect(http_stream_is_sent(bench.stream));
    cr_expect_eq(recv(bench.client, bytes, LARGE, MSG_DONTWAIT), 5);
    memset(bytes, 'y', LARGE);
    http_stream_send(bench.stream, slice_make(bytes, LARGE));
    free(bytes);
    http_stream_send(bench.stream, slice_text("z"));
    turn(&bench);
    cr_expect(!http_stream_is_sent(bench.stream));
    cr_expect(!bench.sent);
    cr_expect_eq(collect(&bench, 'y'), LARGE + 1);
    cr_expect(http_stream_is_sent(bench.stream));
    cr_expect(bench.sent);
    stop(&bench);
}

/* More than a stream may hold goes through one whose client is never done, but keeps up;
 * what lags is more than the kernel takes. */
Test(http_stream, forgets_what_a_client_that_lags_has_got)
{
    enum { BLOCK = 30011, LAG = 32 * BLOCK, TOTAL = 80 << 20 };
    static char block[BLOCK], got[BLOCK];
    size_t received = 0;
    struct bench bench;

    start(&bench);
    for (size_t i = 0; i < BLOCK; i++)
        block[i] = (char)('a' + i % 26);
    while (received < TOTAL) {
        while (http_stream_unsent(bench.stream) < LAG)
            http_stream_send(bench.stream, slice_make(block, BLOCK));
        size_t left = BLOCK - received % BLOCK;
        ssize_t length = recv(bench.client, got, left, MSG_DONTWAIT);
        cr_assert_gt(length, 0);
        cr_assert_eq(memcmp(got, block + received % BLOCK, (size_t)length), 0);
        received += (size_t)length;
        (void)event_base_loop(loop_base(bench.loop), EVLOOP_NONBLOCK);
    }
    cr_expect(!bench.sent);
    stop(&bench);
}

Test(http_stream, takes_input_while_it_sends)
{
    struct bench bench;
    char *bytes = xcalloc(1, LARGE);

    start(&bench);
    http_stream_send(bench.stream, slice_make(bytes, LARGE));
    say(&bench, "a");
    turn(&bench);
    expect_got(&bench, "a");
    free(bytes);
    stop(&bench);
}

/* --- the end ---------------------------------------------------------------------------------- */

Test(http_stream, tells_the_end_once)
{
    struct bench bench;

    start(&bench);
    say(&bench, "last");
    (void)shutdown(bench.client, SHUT_WR);
    turn(&bench);
    expect_got(&bench, "last");
    cr_expect(bench.ended && !bench.failed);
    bench.ended = false;
    turn(&bench);
    cr_expect(!bench.ended);
    http_stream_finish(bench.stream);
    char byte;
    cr_expect_eq(recv(bench.client, &byte, 1, 0), 0);
    stop(&bench);
}

Test(http_stream, tells_a_failure_of_what_it_still_had_to_send)
{
    struct bench bench;
    char *bytes = xcalloc(1, LARGE);

    start(&bench);
    bench.take = 0;
    say(&bench, "a");
    turn(&bench); // now only output is waited for
    http_stream_send(bench.stream, slice_make(bytes, LARGE));
    (void)close(bench.client);
    bench.client = -1;
    turn(&bench);
    cr_expect(bench.failed);
    free(bytes);
    stop(&bench);
}

Test(http_stream, may_be_closed_by_its_own_events)
{
    struct bench bench;

    start(&bench);
    bench.take = 1;
    bench.close_on_input = true;
    say(&bench, "abc");
    turn(&bench);
    cr_expect_null(bench.stream);
    char byte;
    cr_expect_leq(recv(bench.client, &byte, 1, MSG_DONTWAIT), 0);
    cr_expect_neq(errno, EAGAIN, "the socket is closed");
    stop(&bench);
}
