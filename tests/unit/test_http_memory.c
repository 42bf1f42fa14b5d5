/* What a listener holds for its clients. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <unistd.h>

#include "support/http_bench.h"

static void be_served(struct http_bench *bench, int fd)
{
    http_bench_say(fd, ECHO("1", "a"));
    http_bench_expect(bench, fd, OK_BODY("1", "a"));
}

static size_t bytes_in_use(void)
{
    return mallinfo2().uordblks; // nothing under a sanitizer
}

/* What tens of thousands of clients cost that keep a connection for their next callback. */
Test(http_memory, holds_little_while_it_waits)
{
    enum { CONNECTIONS = 50, MAX_BYTES = 900 };
    int lines[CONNECTIONS];
    struct http_bench bench;

    http_bench_init(&bench);
    bench.options.max_body = 4096;
    http_bench_start(&bench);
    int first = http_bench_dial(&bench);
    be_served(&bench, first);
    size_t before = bytes_in_use();
    for (int i = 0; i < CONNECTIONS; i++) {
        lines[i] = http_bench_dial(&bench);
        be_served(&bench, lines[i]);
    }
    size_t each = (bytes_in_use() - before) / CONNECTIONS;
    cr_expect_lt(each, MAX_BYTES, "%zu bytes each", each);
    for (int i = 0; i < CONNECTIONS; i++)
        (void)close(lines[i]);
    (void)close(first);
    http_bench_clear(&bench);
}
