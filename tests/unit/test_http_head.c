/* What the reader tells about a request besides its parts. */
#include <criterion/criterion.h>

#include "net/http_reader.h"

#define POST "POST /p HTTP/1.1\r\nHost: h\r\n"

Test(http_head, tells_whether_to_keep_the_connection)
{
    static const struct {
        const char *bytes;
        bool keep_alive;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: te , CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_reader reader;
        http_reader_init(&reader, 64);
        (void)http_reader_feed(&reader, slice_text(cases[i].bytes));
        cr_expect_eq(reader.state, HTTP_READER_GATE, "case %zu", i);
        cr_expect_eq(reader.keep_alive, cases[i].keep_alive, "case %zu", i);
        http_reader_clear(&reader);
    }
}

Test(http_head, tells_what_follows_the_head)
{
    static const struct {
        const char *bytes;
        bool bare, has_length;
    } cases[] = {
        {POST "\r\n", true, false},
        {POST "Content-Length: 0\r\n\r\n", true, true},
        {POST "Content-Length: 1\r\n\r\n", false, true},
        {POST "Content-Length: x\r\n\r\n", false, true},
        {POST "Transfer-Encoding: chunked\r\n\r\n", false, true},
        {"POST / HTTP/1.1\r\n\r\n", false, false}, // no Host: a fault
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_reader reader;
        http_reader_init(&reader, 64);
        cr_expect(!http_reader_has_begun(&reader));
        (void)http_reader_feed(&reader, slice_text(cases[i].bytes));
        cr_expect(http_reader_has_begun(&reader));
        cr_expect_eq(http_reader_is_bare(&reader), cases[i].bare, "case %zu", i);
        cr_expect_eq(reader.has_length, cases[i].has_length, "case %zu", i);
        if (cases[i].bare) {
            http_reader_next(&reader);
            cr_expect(!http_reader_has_begun(&reader), "ready for the next");
        }
        http_reader_clear(&reader);
    }
}
