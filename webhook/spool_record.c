#include "webhook/spool_record.h"

#include <assert.h>
#include <string.h>

#include <openssl/sha.h>

enum { LENGTH_DIGITS = 8, LENGTH_AT = 1, DIGEST_DIGITS = 16, DIGEST_AT = 10 };

static const char digits[] = "0123456789abcdef";

/* --- writing ---------------------------------------------------------------------------------- */

static void make_digest(struct slice payload, char out[DIGEST_DIGITS])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];

    (void)SHA256((const unsigned char *)payload.data, payload.length, sum);
    for (size_t i = 0; i < DIGEST_DIGITS; i += 2) {
        out[i] = digits[sum[i / 2] >> 4];
        out[i + 1] = digits[sum[i / 2] & 15];
    }
}

void spool_record_add(struct buffer *out, struct slice payload)
{
    char digest[DIGEST_DIGITS];

    assert(payload.length > 0 && payload.length <= SPOOL_RECORD_MAX);
    assert(slice_find(payload, '\n') == payload.length);
    make_digest(payload, digest);
    buffer_add_format(out, "\n%08zx %.*s ", payload.length, DIGEST_DIGITS, digest);
    buffer_add_slice(out, payload);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Whether `rest`, as far as it goes, begins as a record does. */
static bool begins_well(struct slice rest)
{
    static const char form[] = "\nhhhhhhhh hhhhhhhhhhhhhhhh "; /* h: a hex digit */
    _Static_assert(sizeof(form) - 1 == SPOOL_RECORD_HEAD, "the form of a head");

    for (size_t i = 0; i < SPOOL_RECORD_HEAD && i < rest.length; i++) {
        bool good = form[i] == 'h' ? rest.data[i] != '\0' && strchr(digits, rest.data[i]) != NULL
                                   : rest.data[i] == form[i];
        if (!good)
            return false;
    }
    return true;
}

/* The payload's length by a complete head that begins well; 0 when no payload has it. */
static size_t length_in(struct slice rest)
{
    size_t length = 0;

    for (size_t i = 0; i < LENGTH_DIGITS; i++)
        length = length * 16 + (size_t)(strchr(digits, rest.data[LENGTH_AT + i]) - digits);
    return length <= SPOOL_RECORD_MAX ? length : 0;
}

static bool read_record(struct slice rest, struct slice *payload)
{
    char digest[DIGEST_DIGITS];

    if (rest.length <= SPOOL_RECORD_HEAD || !begins_well(rest))
        return false;
    size_t length = length_in(rest);
    if (length == 0 || length > rest.length - SPOOL_RECORD_HEAD)
        return false;
    *payload = slice_head(slice_skip(rest, SPOOL_RECORD_HEAD), length);
    make_digest(*payload, digest);
    return memcmp(digest, rest.data + DIGEST_AT, DIGEST_DIGITS) == 0;
}

static bool is_torn(struct slice rest)
{
    if (!begins_well(rest))
        return false;
    if (rest.length < SPOOL_RECORD_HEAD)
        return true;
    size_t length = length_in(rest);
    return length > 0 && length > rest.length - SPOOL_RECORD_HEAD;
}

/* Where the next whole record begins, after the first byte; the length of `rest` when nowhere. */
static size_t find_record(struct slice rest)
{
    struct slice payload;
    size_t at = 0;

    while (at < rest.length) {
        at += 1 + slice_find(slice_skip(rest, at + 1), '\n');
        if (at < rest.length && read_record(slice_skip(rest, at), &payload))
            return at;
    }
    return rest.length;
}

struct spool_piece spool_record_next(struct slice rest)
{
    struct spool_piece piece = {.found = SPOOL_FOUND_RECORD};

    if (rest.length == 0) {
        piece.found = SPOOL_FOUND_END;
    } else if (read_record(rest, &piece.payload)) {
        piece.length = SPOOL_RECORD_HEAD + piece.payload.length;
    } else {
        piece.payload = slice_make(NULL, 0);
        piece.length = find_record(rest);
        bool torn = piece.length == rest.length && is_torn(rest);
        piece.found = torn ? SPOOL_FOUND_TORN : SPOOL_FOUND_DAMAGE;
    }
    return piece;
}
