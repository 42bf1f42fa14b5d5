/* The acceptance policy as raw requests. Each one is fed whole, byte by byte and cut in two at
 * every point, and must give the same transcript: "gate METHOD PATH QUERY", "done BODY", "bad
 * STATUS". */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "net/http_reader.h"

enum { MAX_BODY = 64 };

struct vector {
    const char *name, *bytes, *transcript;
};

#define POST   "POST /p HTTP/1.1\r\nHost: h\r\n"
#define GATE   "gate POST /p ;"
#define CHUNK  POST "Transfer-Encoding: chunked\r\n\r\n"
#define BAD400 GATE "bad 400;"

/* A well-formed head whose faults wait for the admission, so that the gate comes first. */
static const struct vector heads[] = {
    {"minimal", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET / ;done ;"},
    {"query", "GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET /a/b c=d&e=%20;done ;"},
    {"empty query", "GET /a? HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET /a ;done ;"},
    {"question in query", "GET /a?b?c HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET /a b?c;done ;"},
    {"absolute", "GET http://h:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET /a b;done ;"},
    {"absolute, no path", "GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET / ;done ;"},
    {"absolute, query only", "GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET / b;done ;"},
    {"absolute, no host", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400;"},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "gate OPTIONS * ;done ;"},
    {"authority", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400;"},
    {"odd method", "x-Y1 / HTTP/1.1\r\nHost: h\r\n\r\n", "gate x-Y1 / ;done ;"},
    {"1.0", "GET / HTTP/1.0\r\n\r\n", "gate GET / ;done ;"},
    {"empty line before", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "gate GET / ;done ;"},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "bad 400;"},
    {"empty line between", "GET / HTTP/1.0\r\n\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
     "gate GET / ;done ;gate GET /b ;done ;"},
    {"field values", "GET / HTTP/1.1\r\nHost:h\r\nA:\r\nB: \t b \t\r\nC:\xc3\xa4\t:x\r\n\r\n",
     "gate GET / ;done ;"},
    {"incomplete", "GET / HTTP/1.1\r\nHost: h\r\n", ""},
    {"incomplete line", "GET / HTTP/1.1\r", ""},

    {"no version", "GET /\r\n\r\n", "bad 400;"},
    {"no target", "GET HTTP/1.1\r\n\r\n", "bad 400;"},
    {"no method", " / HTTP/1.1\r\n\r\n", "bad 400;"},
    {"two spaces", "GET  / HTTP/1.1\r\n\r\n", "bad 400;"},
    {"two spaces before version", "GET /  HTTP/1.1\r\n\r\n", "bad 400;"},
    {"space at the end", "GET / HTTP/1.1 \r\n\r\n", "bad 400;"},
    {"tab for space", "GET\t/ HTTP/1.1\r\n\r\n", "bad 400;"},
    {"bad method", "GE(T / HTTP/1.1\r\n\r\n", "bad 400;"},
    {"fragment", "GET /#a HTTP/1.1\r\n\r\n", "bad 400;"},
    {"high byte in target", "GET /\xc3\xa4 HTTP/1.1\r\n\r\n", "bad 400;"},
    {"relative target", "GET a HTTP/1.1\r\n\r\n", "bad 400;"},
    {"other scheme", "GET ftp://h/ HTTP/1.1\r\n\r\n", "bad 400;"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", "bad 505;"},
    {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "bad 505;"},
    {"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", "bad 505;"},
    {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad 505;"},
    {"lower-case version", "GET / http/1.1\r\n\r\n", "bad 400;"},
    {"long version", "GET / HTTP/1.10\r\n\r\n", "bad 400;"},
    {"TLS", "\x16\x03\x01\x02", "bad 400;"},
    {"not HTTP", "SSH-2.0-x\r\n", "bad 400;"},

    {"bare LF in request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", "bad 400;"},
    {"bare LF in field", "GET / HTTP/1.1\r\nHost: h\n\r\n", "bad 400;"},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", "bad 400;"},
    {"bare CR", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", "bad 400;"},
    {"two CR", "GET / HTTP/1.1\r\r\n\r\n", "bad 400;"},
    {"control byte", "GET / HTTP/1.1\r\nHost: h\r\nA: \x01\r\n\r\n", "bad 400;"},
    {"DEL", "GET / HTTP/1.1\r\nHost: h\r\nA: \x7f\r\n\r\n", "bad 400;"},
    {"obs-fold", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", "bad 400;"},
    {"obs-fold by tab", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n", "bad 400;"},
    {"fold at first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "bad 400;"},
    {"empty name", "GET / HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n", "bad 400;"},
    {"space before colon", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\n", "bad 400;"},
    {"coding with space", "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", "bad 400;"},
    {"tab before colon", "GET / HTTP/1.1\r\nHost\t: h\r\n\r\n", "bad 400;"},
    {"space in name", "GET / HTTP/1.1\r\nA b: h\r\n\r\n", "bad 400;"},
    {"no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", "bad 400;"},
    {"high byte in name", "GET / HTTP/1.1\r\n\xc3\xa4: h\r\n\r\n", "bad 400;"},

    {"no Host", "GET / HTTP/1.1\r\n\r\n", "gate GET / ;bad 400;"},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", "gate GET / ;bad 400;"},
    {"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: h\r\nHOST: g\r\n\r\n", "gate GET / ;bad 400;"},
    {"Host list", "GET / HTTP/1.1\r\nHost: a,b/c\r\n\r\n", "gate GET / ;bad 400;"},
    {"Host with user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", "gate GET / ;bad 400;"},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "gate GET / ;done ;"},
    {"IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "gate GET / ;done ;"},

    {"expectation", POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nab",
     GATE "expects;done ab;"},
    {"other expectation", POST "Expect: 200-ok\r\nContent-Length: 2\r\n\r\nab", GATE "bad 417;"},
    {"expectation in 1.0", "POST /p HTTP/1.0\r\nExpect: x\r\nContent-Length: 2\r\n\r\nab",
     GATE "done ab;"},
    {"framing before expectation", POST "Expect: x\r\nContent-Length: x\r\n\r\n", BAD400},
};

static const struct vector bodies[] = {
    {"counted", POST "Content-Length: 5\r\n\r\nhello", GATE "done hello;"},
    {"pipelined", POST "Content-Length: 2\r\n\r\nab" POST "content-length:0\r\n\r\n" POST "\r\n",
     GATE "done ab;" GATE "done ;" GATE "done ;"},
    {"HEAD with a body", "HEAD /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" POST "\r\n",
     "gate HEAD /p ;done ab;" GATE "done ;"},
    {"leading zeros", POST "Content-Length: 0000000002\r\n\r\nab", GATE "done ab;"},
    {"body short", POST "Content-Length: 5\r\n\r\nhell", GATE},
    {"at the limit",
     POST "Content-Length: 64\r\n\r\n"
          "0123456789012345678901234567890123456789012345678901234567890123",
     GATE "done 0123456789012345678901234567890123456789012345678901234567890123;"},
    {"over the limit", POST "Content-Length: 65\r\n\r\n", GATE "bad 413;"},
    {"far over the limit", POST "Content-Length: 9999999999\r\n\r\n", GATE "bad 413;"},
    {"11 digits", POST "Content-Length: 00000000002\r\n\r\nab", BAD400},
    {"plus", POST "Content-Length: +3\r\n\r\nabc", BAD400},
    {"minus", POST "Content-Length: -1\r\n\r\nabc", BAD400},
    {"hex", POST "Content-Length: 0x3\r\n\r\nabc", BAD400},
    {"list", POST "Content-Length: 3, 3\r\n\r\nabc", BAD400},
    {"inner space", POST "Content-Length: 1 1\r\n\r\nabc", BAD400},
    {"empty length", POST "Content-Length:\r\n\r\nabc", BAD400},
    {"two equal lengths", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", BAD400},
    {"two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", BAD400},
    {"coding and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", BAD400},
    {"length and coding", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", BAD400},
    {"coding in 1.0", "POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD400},
    {"two codings", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     BAD400},
    {"coding list", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", BAD400},
    {"coding twice in a list", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", BAD400},
    {"identity", POST "Transfer-Encoding: identity\r\n\r\n", BAD400},
    {"identity and length", POST "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n",
     BAD400},
    {"xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", BAD400},
    {"empty coding", POST "Transfer-Encoding:\r\n\r\n", BAD400},
    {"coding with parameter", POST "Transfer-Encoding: chunked;a=b\r\n\r\n", BAD400},
    {"vertical tab",
     POST "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n",
     "bad 400;"},
};

static const struct vector chunks[] = {
    {"chunks", CHUNK "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", GATE "done abcde;"},
    {"no chunk", CHUNK "0\r\n\r\n", GATE "done ;"},
    {"hex", CHUNK "00A\r\n0123456789\r\n00000000\r\n\r\n" POST "\r\n",
     GATE "done 0123456789;" GATE "done ;"},
    {"coding in any case", POST "transfer-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", GATE "done ;"},
    {"extension", CHUNK "3;a=b;c=\"d e\"\r\nabc\r\n0;x\r\n\r\n", GATE "done abc;"},
    {"trailers", CHUNK "0\r\nContent-Length: 5\r\nHost: x\r\n\r\n" POST "\r\n",
     GATE "done ;" GATE "done ;"},
    {"data with CR LF", CHUNK "4\r\n\r\n\r\n\r\n0\r\n\r\n", GATE "done \r\n\r\n;"},
    {"at the limit",
     CHUNK "40\r\n"
           "0123456789012345678901234567890123456789012345678901234567890123\r\n0\r\n\r\n",
     GATE "done 0123456789012345678901234567890123456789012345678901234567890123;"},
    {"over the limit", CHUNK "41\r\n", GATE "bad 413;"},
    {"over the limit together", CHUNK "2\r\nab\r\n3f\r\n", GATE "bad 413;"},
    {"largest size", CHUNK "ffffffff\r\n", GATE "bad 413;"},
    {"9 digits", CHUNK "000000001\r\na\r\n0\r\n\r\n", BAD400},
    {"0x", CHUNK "0x3\r\nabc\r\n", BAD400},
    {"plus", CHUNK "+3\r\nabc\r\n", BAD400},
    {"no size", CHUNK "\r\n", BAD400},
    {"no size, extension", CHUNK ";a\r\n", BAD400},
    {"space after size", CHUNK "3 \r\nabc\r\n", BAD400},
    {"space before size", CHUNK " 3\r\nabc\r\n", BAD400},
    {"empty extension", CHUNK "3;\r\nabc\r\n", BAD400},
    {"control byte in extension", CHUNK "3;a\x01\r\nabc\r\n", BAD400},
    {"bare LF after size", CHUNK "3\nabc\r\n0\r\n\r\n", BAD400},
    {"bare LF in extension", CHUNK "3;a\nabc\r\n0\r\n\r\n", BAD400},
    {"bare CR after size", CHUNK "3\rabc\r\n", BAD400},
    {"bare LF after data", CHUNK "3\r\nabc\n0\r\n\r\n", BAD400},
    {"bare CR after data", CHUNK "3\r\nabc\r0\r\n\r\n", BAD400},
    {"data too long", CHUNK "3\r\nabcd\r\n0\r\n\r\n", BAD400},
    {"bare LF at the end", CHUNK "0\r\n\n", BAD400},
    {"bare LF in trailer", CHUNK "0\r\nA: b\n\r\n", BAD400},
    {"fold in trailer", CHUNK "0\r\nA: b\r\n c\r\n\r\n", BAD400},
    {"bad trailer", CHUNK "0\r\nA b\r\n\r\n", BAD400},
    {"no end", CHUNK "0\r\n", GATE},
};

/* --- driving ---------------------------------------------------------------------------------- */

static void note(struct http_reader *reader, struct buffer *transcript)
{
    switch (reader->state) {
    case HTTP_READER_GATE:
        buffer_add_format(transcript, "gate %.*s %.*s %.*s;", SLICE_ARGS(reader->method),
                          SLICE_ARGS(reader->path), SLICE_ARGS(reader->query));
        if (reader->expects_continue)
            buffer_add_text(transcript, "expects;");
        http_reader_admit(reader);
        break;
    case HTTP_READER_DONE:
        buffer_add_text(transcript, "done ");
        buffer_add_slice(transcript, buffer_slice(&reader->body));
        buffer_add_char(transcript, ';');
        http_reader_next(reader);
        break;
    default:
        break;
    }
}

/* True when the state wants no bytes before it is acted upon. */
static bool stands(const struct http_reader *reader)
{
    return reader->state == HTTP_READER_GATE || reader->state == HTTP_READER_DONE;
}

static void feed(struct http_reader *reader, struct slice bytes, struct buffer *transcript)
{
    while (bytes.length > 0 && reader->state != HTTP_READER_BAD) {
        bytes = slice_skip(bytes, http_reader_feed(reader, bytes));
        while (stands(reader))
            note(reader, transcript);
    }
}

/* In pieces: the first of `first` bytes, the others of `step` bytes. */
static void transcribe(struct slice bytes, size_t first, size_t step, struct buffer *transcript)
{
    struct http_reader reader;

    buffer_reset(transcript);
    http_reader_init(&reader, MAX_BODY);
    feed(&reader, slice_head(bytes, first), transcript);
    for (size_t at = first; at < bytes.length; at += step)
        feed(&reader, slice_head(slice_skip(bytes, at), step), transcript);
    if (reader.state == HTTP_READER_BAD)
        buffer_add_format(transcript, "bad %d;", reader.status);
    http_reader_clear(&reader);
}

static void check(const char *name, struct slice bytes, const char *expected)
{
    struct buffer got = BUFFER(1 << 20);

    transcribe(bytes, bytes.length, 1, &got);
    cr_expect_str_eq(buffer_text(&got), expected, "%s: whole", name);
    transcribe(bytes, 0, 1, &got);
    cr_expect_str_eq(buffer_text(&got), expected, "%s: byte by byte", name);
    for (size_t cut = 1; cut < bytes.length; cut++) {
        transcribe(bytes, cut, bytes.length, &got);
        cr_expect_str_eq(buffer_text(&got), expected, "%s: cut at %zu", name, cut);
    }
    buffer_clear(&got);
}

static void check_all(const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(vectors[i].name, slice_text(vectors[i].bytes), vectors[i].transcript);
}

Test(http_reader, heads)
{
    check_all(heads, sizeof(heads) / sizeof(heads[0]));
}

Test(http_reader, bodies)
{
    check_all(bodies, sizeof(bodies) / sizeof(bodies[0]));
}

Test(http_reader, chunks)
{
    check_all(chunks, sizeof(chunks) / sizeof(chunks[0]));
}

Test(http_reader, refuses_nul)
{
    static const char in_line[] = "GET /\0 HTTP/1.1\r\n\r\n";
    static const char in_value[] = "GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n";
    static const char in_trailer[] = CHUNK "0\r\nA: \0\r\n\r\n";

    check("NUL in line", slice_make(in_line, sizeof(in_line) - 1), "bad 400;");
    check("NUL in value", slice_make(in_value, sizeof(in_value) - 1), "bad 400;");
    check("NUL in trailer", slice_make(in_trailer, sizeof(in_trailer) - 1), BAD400);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* `text` repeated, between `before` and `after`. */
struct repeated {
    const char *name, *before, *text;
    size_t count;
    const char *after, *transcript;
};

Test(http_reader, has_limits)
{
    static const struct repeated cases[] = {
        {"request line too long", "GET /", "a", HTTP_READER_MAX_LINE - 13, " HTTP/1.1\r\n",
         "bad 414;"},
        {"endless request line", "GET /", "a", 5000, "", "bad 414;"},
        {"64 fields", "GET / HTTP/1.0\r\n", "a:\r\n", 64, "\r\n", "gate GET / ;done ;"},
        {"65 fields", "GET / HTTP/1.0\r\n", "a:\r\n", 65, "\r\n", "bad 431;"},
        {"3900 fields", "GET / HTTP/1.0\r\n", "a:\r\n", 3900, "\r\n", "bad 431;"},
        {"long field", "GET / HTTP/1.0\r\nA:", "a", 8186, "\r\n\r\n", "gate GET / ;done ;"},
        {"field too long", "GET / HTTP/1.0\r\nA:", "a", 8189, "\r\n\r\n", "bad 431;"},
        {"endless field", "GET / HTTP/1.0\r\nA:", "a", 9000, "", "bad 431;"},
        {"longest extension", CHUNK "0;", "a", HTTP_CHUNK_MAX_EXTENSION, "\r\n\r\n", GATE "done ;"},
        {"extension too long", CHUNK "0;", "a", HTTP_CHUNK_MAX_EXTENSION + 1, "\r\n\r\n", BAD400},
        {"64 trailers", CHUNK "0\r\n", "a:\r\n", 64, "\r\n", GATE "done ;"},
        {"65 trailers", CHUNK "0\r\n", "a:\r\n", 65, "\r\n", GATE "bad 431;"},
        {"trailers too long", CHUNK "0\r\n",
         "a:0123456789012345678901234567890123456789"
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "\r\n",
         50, "\r\n", GATE "bad 431;"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer bytes = BUFFER(1 << 20);
        buffer_add_text(&bytes, cases[i].before);
        for (size_t n = 0; n < cases[i].count; n++)
            buffer_add_text(&bytes, cases[i].text);
        buffer_add_text(&bytes, cases[i].after);
        check(cases[i].name, buffer_slice(&bytes), cases[i].transcript);
        buffer_clear(&bytes);
    }
}

Test(http_reader, takes_a_request_line_of_the_limit)
{
    struct buffer bytes = BUFFER(1 << 20);
    struct http_reader reader;

    buffer_add_text(&bytes, "GET /");
    while (bytes.length < HTTP_READER_MAX_LINE - 9)
        buffer_add_char(&bytes, 'a');
    buffer_add_text(&bytes, " HTTP/1.0\r\n\r\n");
    http_reader_init(&reader, MAX_BODY);
    cr_expect_eq(http_reader_feed(&reader, buffer_slice(&bytes)), bytes.length);
    cr_expect_eq(reader.state, HTTP_READER_GATE);
    cr_expect_eq(reader.path.length, HTTP_READER_MAX_LINE - 13);
    http_reader_clear(&reader);
    buffer_clear(&bytes);
}

Test(http_reader, counts_chunks)
{
    struct http_chunk chunk;

    for (size_t count = HTTP_CHUNK_MAX_COUNT; count <= HTTP_CHUNK_MAX_COUNT + 1; count++) {
        struct buffer body = BUFFER(1 << 16);
        http_chunk_init(&chunk);
        for (size_t i = 0; i < count; i++) {
            struct slice one = slice_text("1\r\na\r\n");
            http_chunk_feed(&chunk, &body, &one);
        }
        struct slice end = slice_text("0\r\n\r\n");
        http_chunk_feed(&chunk, &body, &end);
        bool good = count <= HTTP_CHUNK_MAX_COUNT;
        cr_expect_eq(chunk.phase, good ? HTTP_CHUNK_DONE : HTTP_CHUNK_BAD, "%zu chunks", count);
        cr_expect_eq(chunk.status, good ? 0 : 413);
        http_chunk_clear(&chunk);
        buffer_clear(&body);
    }
}
