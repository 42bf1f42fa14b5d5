#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "webhook/spool_record.h"

enum { RECORDS = 3, MAX = 4096 };

static const char *const payloads[RECORDS] = {"{\"id\":\"first\"}", "{\"id\":\"second one\"}",
                                              "{\"id\":\"third\",\"sig\":\"00000001 0 \"}"};

/* Three records; where each begins, and the end. */
static void make(struct buffer *bytes, size_t starts[RECORDS + 1])
{
    for (size_t i = 0; i < RECORDS; i++) {
        starts[i] = bytes->length;
        spool_record_add(bytes, slice_text(payloads[i]));
    }
    starts[RECORDS] = bytes->length;
}

/* What is found in `rest`: "0 1 damage:12 2 torn:3", by the number of the payload. */
static void survey(struct slice rest, struct buffer *out)
{
    size_t done = 0;

    buffer_reset(out);
    for (;;) {
        struct spool_piece piece = spool_record_next(slice_skip(rest, done));
        done += piece.length;
        if (piece.found == SPOOL_FOUND_END)
            break;
        cr_assert_gt(piece.length, 0, "it goes on");
        if (piece.found == SPOOL_FOUND_RECORD) {
            size_t i = 0;
            while (i < RECORDS && !slice_is(piece.payload, payloads[i]))
                i++;
            static const char *const names[] = {"0", "1", "2", "stranger"};
            buffer_add_format(out, "%s%s", out->length > 0 ? " " : "", names[i]);
        } else {
            buffer_add_format(out, "%s%s:%zu", out->length > 0 ? " " : "",
                              piece.found == SPOOL_FOUND_TORN ? "torn" : "damage", piece.length);
        }
    }
    cr_expect_eq(done, rest.length, "every byte is in a piece");
}

static void expect_found(struct slice rest, const char *expected)
{
    struct buffer found = BUFFER(MAX);

    survey(rest, &found);
    cr_expect_str_eq(buffer_text(&found), expected);
    buffer_clear(&found);
}

Test(spool_record, comes_back_as_it_was)
{
    struct buffer bytes = BUFFER(MAX);
    size_t starts[RECORDS + 1];

    expect_found(slice_make(NULL, 0), "");
    make(&bytes, starts);
    cr_expect(strncmp(bytes.data, "\n0000000e ", 10) == 0, "%s", bytes.data);
    expect_found(buffer_slice(&bytes), "0 1 2");
    buffer_clear(&bytes);
}

Test(spool_record, is_torn_at_any_byte)
{
    struct buffer bytes = BUFFER(MAX);
    size_t starts[RECORDS + 1];
    char expected[64];

    make(&bytes, starts);
    for (size_t last = 0; last < RECORDS; last++)
        for (size_t end = starts[last]; end < starts[last + 1]; end++) {
            size_t length = end - starts[last];
            const char *before = last == 0 ? "" : last == 1 ? "0" : "0 1";
            (void)snprintf(expected, sizeof(expected), "%s%storn:%zu", before, last == 0 ? "" : " ",
                           length);
            expect_found(slice_head(buffer_slice(&bytes), end), length == 0 ? before : expected);
        }
    buffer_clear(&bytes);
}

/* Of the records around a damaged one none is lost, and it is never taken for another. */
Test(spool_record, one_wrong_bit_costs_one_record)
{
    struct buffer bytes = BUFFER(MAX);
    size_t starts[RECORDS + 1];
    char expected[RECORDS][64];

    make(&bytes, starts);
    for (size_t i = 0; i < RECORDS; i++)
        (void)snprintf(expected[i], sizeof(expected[i]), "%sdamage:%zu%s",
                       (const char *[]){"", "0 ", "0 1 "}[i], starts[i + 1] - starts[i],
                       (const char *[]){" 1 2", " 2", ""}[i]);
    for (size_t bit = 0; bit < bytes.length * 8; bit++) {
        size_t record = bit / 8 < starts[1] ? 0 : bit / 8 < starts[2] ? 1 : 2;
        struct buffer found = BUFFER(MAX);
        bytes.data[bit / 8] = (char)(bytes.data[bit / 8] ^ 1 << bit % 8);
        survey(buffer_slice(&bytes), &found);
        /* A last record whose length has grown looks like one that is not finished. */
        char *torn = strstr(found.data, "torn");
        if (record == RECORDS - 1 && torn != NULL)
            cr_expect(strncmp(buffer_text(&found), "0 1 torn", 8) == 0, "bit %zu: %s", bit,
                      buffer_text(&found));
        else
            cr_expect_str_eq(buffer_text(&found), expected[record], "bit %zu: %s", bit,
                             buffer_text(&found));
        bytes.data[bit / 8] = (char)(bytes.data[bit / 8] ^ 1 << bit % 8);
        buffer_clear(&found);
    }
    buffer_clear(&bytes);
}

Test(spool_record, zeros_at_the_end_are_no_record)
{
    static const size_t lengths[] = {1, SPOOL_RECORD_HEAD - 1, SPOOL_RECORD_HEAD, 1000};
    static const char zeros[1000];
    char expected[64];

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct buffer bytes = BUFFER(MAX);
        size_t starts[RECORDS + 1];
        make(&bytes, starts);
        buffer_add(&bytes, zeros, lengths[i]);
        (void)snprintf(expected, sizeof(expected), "0 1 2 damage:%zu", lengths[i]);
        expect_found(buffer_slice(&bytes), expected);
        memset(bytes.data + starts[RECORDS] - 5, 0, 5); /* and in the last one's own place */
        (void)snprintf(expected, sizeof(expected), "0 1 damage:%zu", bytes.length - starts[2]);
        expect_found(buffer_slice(&bytes), expected);
        buffer_clear(&bytes);
    }
}

Test(spool_record, a_length_that_cannot_be_is_not_believed)
{
    static const char *const lengths[] = {"ffffffff", "00000000", "00200001", "00200000",
                                          "0000000f", "7fffffff", "0000000E", "        "};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct buffer bytes = BUFFER(MAX);
        size_t starts[RECORDS + 1];
        char expected[64];
        make(&bytes, starts);
        memcpy(bytes.data + 1, lengths[i], 8);
        (void)snprintf(expected, sizeof(expected), "damage:%zu 1 2", starts[1]);
        expect_found(buffer_slice(&bytes), expected);
        buffer_clear(&bytes);
    }
}

Test(spool_record, anything_at_all_can_be_read)
{
    struct buffer bytes = BUFFER(MAX), found = BUFFER(1 << 16);
    static const char alphabet[] = "\n\n 0000000123abcf{}\"x";
    uint32_t state = 1;

    for (int round = 0; round < 2000; round++) {
        size_t starts[RECORDS + 1];
        buffer_reset(&bytes);
        make(&bytes, starts);
        for (int i = 0; i < 1 + round % 40; i++) {
            state = state * 1664525 + 1013904223;
            size_t at = (state >> 8) % bytes.length;
            bytes.data[at] = alphabet[(state >> 3) % (sizeof(alphabet) - 1)];
        }
        survey(slice_head(buffer_slice(&bytes), (state >> 5) % (bytes.length + 1)), &found);
        cr_expect_null(strstr(buffer_text(&found), "stranger"), "no payload that was not there: %s",
                       buffer_text(&found));
    }
    buffer_clear(&bytes);
    buffer_clear(&found);
}
