#include "support/http_vectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/signature.h"
#include "support/http_vectors_words.h"

const struct http_vector_group *const http_vector_groups[HTTP_VECTOR_GROUPS] = {
    &http_vectors_lines,   &http_vectors_fields, &http_vectors_routes,    &http_vectors_lengths,
    &http_vectors_codings, &http_vectors_chunks, &http_vectors_smuggling,
};

/* --- bytes ------------------------------------------------------------------------------------ */

/* In the years 2001 and 2096. */
enum { PAST_S = 1000000000 };
#define FUTURE_S UINT64_C(4000000000)

static void add_target(struct buffer *out, uint64_t expires_s)
{
    struct signature_subject subject = {"upload", slice_text("a"), 1, expires_s};
    struct signature_keys keys;
    struct error error;

    if (!signature_keys_parse(&keys, slice_text(HTTP_VECTORS_SECRET), &error))
        abort();
    signature_add_target(out, &keys, &subject);
    signature_keys_clear(&keys);
}

/* What stands between < and >; false when it means nothing but itself. */
static bool add_meaning(struct slice word, struct buffer *out)
{
    size_t star = slice_find(word, '*');
    uint64_t count = 0;

    if (slice_is(word, "target"))
        add_target(out, FUTURE_S);
    else if (slice_is(word, "expired"))
        add_target(out, PAST_S);
    else if (slice_is(word, "nul"))
        buffer_add_char(out, '\0');
    else if (slice_to_u64(slice_head(word, star), &count))
        for (; count > 0; count--)
            buffer_add_slice(out, slice_skip(word, star + 1));
    else
        return false;
    return true;
}

static void add_bytes(struct slice text, struct buffer *out)
{
    while (text.length > 0) {
        struct slice word = slice_skip(text, 1);
        word = slice_head(word, slice_find(word, '>'));
        bool meant = text.data[0] == '<' && add_meaning(word, out);
        if (!meant)
            buffer_add_char(out, text.data[0]);
        text = slice_skip(text, meant ? word.length + 2 : 1);
    }
}

void http_vector_add_bytes(const struct http_vector *vector, struct buffer *out)
{
    add_bytes(slice_text(vector->bytes), out);
}

void http_vector_add_next(struct buffer *out)
{
    add_bytes(slice_text(POST "Connection: close\r\n" BODY(HTTP_VECTORS_NEXT_BODY, "4")), out);
}

/* --- verdict ---------------------------------------------------------------------------------- */

bool http_vector_ends(const struct http_vector *vector, const char *end)
{
    size_t length = strlen(vector->verdict), tail = strlen(end);
    return length >= tail && strcmp(vector->verdict + length - tail, end) == 0;
}

void http_vector_add_statuses(const struct http_vector *vector, bool next, struct buffer *out)
{
    struct slice verdict = slice_text(vector->verdict);

    for (size_t i = 0; i + 4 <= verdict.length && verdict.data[i] <= '9'; i += 4)
        buffer_add(out, verdict.data + i, 4);
    if (next && http_vector_ends(vector, "open"))
        buffer_add_text(out, "200 ");
}

void http_vector_add_body(struct slice body, struct buffer *out)
{
    bool is_long = body.length > 64;

    buffer_add_slice(out, slice_head(body, is_long ? 32 : body.length));
    buffer_add_text(out, is_long ? "...|" : "|");
}

void http_vector_add_bodies(const struct http_vector *vector, bool next, struct buffer *out)
{
    buffer_add_text(out, vector->bodies);
    if (next && http_vector_ends(vector, "open"))
        buffer_add_text(out, HTTP_VECTORS_NEXT_BODY "|");
}
