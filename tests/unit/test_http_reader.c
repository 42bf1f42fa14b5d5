/* The acceptance policy, by the reader alone: every vector is fed whole, byte by byte and cut in
 * two at every point, and must give the same answers and bodies. What a listener adds to the
 * reader's own refusals, its gate and its wish for a length, stands in judge(). */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "net/http_reader.h"
#include "support/http_vectors.h"
#include "webhook/target.h"

/* --- the vectors ------------------------------------------------------------------------------ */

struct bench {
    struct signature_keys keys;
    struct http_reader reader;
    struct buffer answers, bodies;
    bool closed;
};

static void open_bench(struct bench *bench)
{
    struct error error;

    *bench = (struct bench){.answers = BUFFER(4096), .bodies = BUFFER(4096)};
    cr_assert(signature_keys_parse(&bench->keys, slice_text(HTTP_VECTORS_SECRET), &error));
}

static void close_bench(struct bench *bench)
{
    signature_keys_clear(&bench->keys);
    buffer_clear(&bench->answers);
    buffer_clear(&bench->bodies);
}

static void answer(struct bench *bench, int status, bool close)
{
    buffer_add_format(&bench->answers, "%d ", status);
    bench->closed |= close;
}

static void judge(struct bench *bench)
{
    struct http_reader *reader = &bench->reader;
    const struct target_rules rules = {&bench->keys, clock_wall_ms() / 1000};
    struct target target;

    bool genuine = target_read(&target, reader->path, reader->query, &rules) == TARGET_GENUINE;
    bool bare = http_reader_is_bare(reader);
    target_clear(&target);
    if (!genuine) {
        answer(bench, 404, true);
    } else if (!slice_is(reader->method, "POST")) {
        answer(bench, 405, !bare || !reader->keep_alive);
        if (bare)
            http_reader_next(reader);
    } else {
        http_reader_admit(reader);
        if (reader->state != HTTP_READER_BAD && !reader->has_length)
            answer(bench, 411, true);
    }
}

static void finish(struct bench *bench)
{
    answer(bench, 200, !bench->reader.keep_alive);
    http_vector_add_body(buffer_slice(&bench->reader.body), &bench->bodies);
    http_reader_next(&bench->reader);
}

static void feed(struct bench *bench, struct slice bytes)
{
    struct http_reader *reader = &bench->reader;

    while (!bench->closed) {
        if (reader->state == HTTP_READER_GATE)
            judge(bench);
        else if (reader->state == HTTP_READER_DONE)
            finish(bench);
        else if (reader->state == HTTP_READER_BAD)
            answer(bench, reader->status, true);
        else if (bytes.length == 0)
            break;
        else
            bytes = slice_skip(bytes, http_reader_feed(reader, bytes));
    }
}

/* In pieces: the first of `first` bytes, the others of `step` bytes. */
static void transcribe(struct bench *bench, struct slice bytes, size_t first, size_t step)
{
    buffer_reset(&bench->answers);
    buffer_reset(&bench->bodies);
    bench->closed = false;
    http_reader_init(&bench->reader, HTTP_VECTORS_MAX_BODY);
    feed(bench, slice_head(bytes, first));
    for (size_t at = first; at < bytes.length && !bench->closed; at += step)
        feed(bench, slice_head(slice_skip(bytes, at), step));
    http_reader_clear(&bench->reader);
}

static void check(struct bench *bench, const struct http_vector *vector)
{
    struct buffer bytes = BUFFER(HTTP_VECTORS_MAX_BYTES), answers = BUFFER(4096),
                  bodies = BUFFER(4096);

    http_vector_add_bytes(vector, &bytes);
    size_t own = bytes.length;
    if (!http_vector_ends(vector, "waits"))
        http_vector_add_next(&bytes);
    http_vector_add_statuses(vector, true, &answers);
    http_vector_add_bodies(vector, true, &bodies);
    for (size_t cut = 0; cut <= own; cut++) {
        transcribe(bench, buffer_slice(&bytes), cut, cut == 0 ? 1 : bytes.length);
        cr_expect_str_eq(buffer_text(&bench->answers), buffer_text(&answers), "%s: cut at %zu",
                         vector->name, cut);
        cr_expect_str_eq(buffer_text(&bench->bodies), buffer_text(&bodies), "%s: cut at %zu",
                         vector->name, cut);
        cr_expect_neq(bench->closed, http_vector_ends(vector, "waits"), "%s", vector->name);
    }
    buffer_clear(&bytes);
    buffer_clear(&answers);
    buffer_clear(&bodies);
}

Test(http_reader, keeps_the_policy)
{
    struct bench bench;

    open_bench(&bench);
    for (size_t g = 0; g < HTTP_VECTOR_GROUPS; g++)
        for (size_t i = 0; i < http_vector_groups[g]->count; i++)
            check(&bench, &http_vector_groups[g]->vectors[i]);
    close_bench(&bench);
}

/* --- what no answer shows --------------------------------------------------------------------- */

Test(http_reader, takes_the_target_apart)
{
    static const struct {
        const char *bytes, *method, *path, *query;
    } cases[] = {
        {"GET / HTTP/1.0\r\n\r\n", "GET", "/", ""},
        {"GET /a/b?c=d&e=%20 HTTP/1.0\r\n\r\n", "GET", "/a/b", "c=d&e=%20"},
        {"GET /a? HTTP/1.0\r\n\r\n", "GET", "/a", ""},
        {"GET /a?b?c HTTP/1.0\r\n\r\n", "GET", "/a", "b?c"},
        {"GET http://h:80/a?b HTTP/1.0\r\n\r\n", "GET", "/a", "b"},
        {"GET HTTPS://h HTTP/1.0\r\n\r\n", "GET", "/", ""},
        {"GET http://h?b HTTP/1.0\r\n\r\n", "GET", "/", "b"},
        {"OPTIONS * HTTP/1.0\r\n\r\n", "OPTIONS", "*", ""},
        {"x-Y1 / HTTP/1.0\r\n\r\n", "x-Y1", "/", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_reader reader;
        http_reader_init(&reader, HTTP_VECTORS_MAX_BODY);
        cr_expect_eq(http_reader_feed(&reader, slice_text(cases[i].bytes)), strlen(cases[i].bytes));
        cr_assert_eq(reader.state, HTTP_READER_GATE, "%s", cases[i].bytes);
        cr_expect(slice_is(reader.method, cases[i].method), "%s", cases[i].bytes);
        cr_expect(slice_is(reader.path, cases[i].path), "%s", cases[i].bytes);
        cr_expect(slice_is(reader.query, cases[i].query), "%s", cases[i].bytes);
        http_reader_clear(&reader);
    }
}
