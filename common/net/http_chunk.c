#include "net/http_chunk.h"

enum { SIZE_DIGITS_MAX = 8 };

void http_chunk_init(struct http_chunk *chunk)
{
    *chunk = (struct http_chunk){.phase = HTTP_CHUNK_SIZE};
    buffer_init(&chunk->trailer, HTTP_CHUNK_MAX_TRAILERS);
}

void http_chunk_clear(struct http_chunk *chunk)
{
    buffer_clear(&chunk->trailer);
}

static void refuse(struct http_chunk *chunk, int status, const char *reason)
{
    chunk->phase = HTTP_CHUNK_BAD;
    chunk->status = status;
    chunk->reason = reason;
}

/* --- the size line ---------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void on_size(struct http_chunk *chunk, struct buffer *body, char c)
{
    int value = hex_value(c);

    (void)body;
    if (value >= 0 && ++chunk->digits <= SIZE_DIGITS_MAX)
        chunk->left = chunk->left * 16 + (unsigned)value;
    else if (chunk->digits > 0 && c == ';')
        chunk->phase = HTTP_CHUNK_EXTENSION;
    else if (chunk->digits > 0 && c == '\r')
        chunk->phase = HTTP_CHUNK_SIZE_LF;
    else
        refuse(chunk, 400, "bad chunk size");
}

static void on_extension(struct http_chunk *chunk, struct buffer *body, char c)
{
    bool control = ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;

    (void)body;
    if (chunk->extension > 0 && c == '\r')
        chunk->phase = HTTP_CHUNK_SIZE_LF;
    else if (control || ++chunk->extension > HTTP_CHUNK_MAX_EXTENSION)
        refuse(chunk, 400, "bad chunk extension");
}

static void on_size_end(struct http_chunk *chunk, struct buffer *body, char c)
{
    if (c != '\n')
        refuse(chunk, 400, "bad end of a chunk size");
    else if (chunk->left == 0)
        chunk->phase = HTTP_CHUNK_TRAILERS;
    else if (++chunk->count > HTTP_CHUNK_MAX_COUNT)
        refuse(chunk, 413, "too many chunks");
    else if (chunk->left > body->maximum - body->length)
        refuse(chunk, 413, "body over the limit");
    else
        chunk->phase = HTTP_CHUNK_DATA;
}

/* --- data ------------------------------------------------------------------------------------- */

static void take_data(struct http_chunk *chunk, struct buffer *body, struct slice *bytes)
{
    struct slice data = slice_head(*bytes, (size_t)chunk->left);

    buffer_add_slice(body, data);
    *bytes = slice_skip(*bytes, data.length);
    chunk->left -= data.length;
    if (chunk->left == 0)
        chunk->phase = HTTP_CHUNK_DATA_CR;
}

static void on_data_cr(struct http_chunk *chunk, struct buffer *body, char c)
{
    (void)body;
    chunk->phase = HTTP_CHUNK_DATA_LF;
    if (c != '\r')
        refuse(chunk, 400, "bad end of a chunk");
}

static void on_data_lf(struct http_chunk *chunk, struct buffer *body, char c)
{
    (void)body;
    chunk->phase = HTTP_CHUNK_SIZE;
    chunk->digits = 0;
    chunk->extension = 0;
    if (c != '\n')
        refuse(chunk, 400, "bad end of a chunk");
}

/* --- trailers --------------------------------------------------------------------------------- */

/* They are never merged with the head: a trailer could otherwise say what a header may not. */
static void on_trailer(struct http_chunk *chunk)
{
    struct slice line = slice_head(buffer_slice(&chunk->trailer), chunk->trailer.length - 2);
    struct slice name, value;

    chunk->trailer_bytes += chunk->trailer.length;
    if (line.length == 0)
        chunk->phase = HTTP_CHUNK_DONE;
    else if (!http_line_split(line, &name, &value))
        refuse(chunk, 400, "bad trailer");
    else if (++chunk->fields > HTTP_CHUNK_MAX_FIELDS)
        refuse(chunk, 431, "too many trailers");
    buffer_reset(&chunk->trailer);
}

static void take_trailers(struct http_chunk *chunk, struct slice *bytes)
{
    size_t limit = HTTP_CHUNK_MAX_TRAILERS - chunk->trailer_bytes;

    switch (http_line_take(&chunk->line, &chunk->trailer, limit, bytes)) {
    case HTTP_LINE_MORE:
        break;
    case HTTP_LINE_END:
        on_trailer(chunk);
        break;
    case HTTP_LINE_BAD:
        refuse(chunk, 400, "bad byte in a trailer");
        break;
    case HTTP_LINE_LONG:
        refuse(chunk, 431, "trailers too long");
        break;
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static void (*const on_byte[])(struct http_chunk *, struct buffer *, char) = {
    [HTTP_CHUNK_SIZE] = on_size,        [HTTP_CHUNK_EXTENSION] = on_extension,
    [HTTP_CHUNK_SIZE_LF] = on_size_end, [HTTP_CHUNK_DATA_CR] = on_data_cr,
    [HTTP_CHUNK_DATA_LF] = on_data_lf,
};

void http_chunk_feed(struct http_chunk *chunk, struct buffer *body, struct slice *bytes)
{
    while (bytes->length > 0 && chunk->phase < HTTP_CHUNK_DONE) {
        if (chunk->phase == HTTP_CHUNK_DATA) {
            take_data(chunk, body, bytes);
        } else if (chunk->phase == HTTP_CHUNK_TRAILERS) {
            take_trailers(chunk, bytes);
        } else {
            char c = bytes->data[0];
            *bytes = slice_skip(*bytes, 1);
            on_byte[chunk->phase](chunk, body, c);
        }
    }
}
