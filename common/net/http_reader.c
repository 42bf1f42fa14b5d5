#include "net/http_reader.h"

#include <assert.h>

/* A head buffer that grew over this is given back between two requests. */
enum { KEEP_BYTES = 2048 };

void http_reader_init(struct http_reader *reader, size_t max_body)
{
    *reader = (struct http_reader){.state = HTTP_READER_HEAD};
    buffer_init(&reader->head, HTTP_READER_MAX_LINE + 2 + HTTP_READER_MAX_HEADERS);
    buffer_init(&reader->body, max_body);
    http_chunk_init(&reader->private.chunk);
}

void http_reader_clear(struct http_reader *reader)
{
    buffer_clear(&reader->head);
    buffer_clear(&reader->body);
    http_chunk_clear(&reader->private.chunk);
}

static void refuse(struct http_reader *reader, int status, const char *reason)
{
    reader->state = HTTP_READER_BAD;
    reader->status = status;
    reader->reason = reason;
}

static void refuse_fault(struct http_reader *reader, struct http_fault fault)
{
    if (fault.status != 0)
        refuse(reader, fault.status, fault.reason);
}

/* --- head ------------------------------------------------------------------------------------- */

static struct slice first_line(const struct http_reader *reader)
{
    return slice_head(buffer_slice(&reader->head), reader->private.fields_start - 2);
}

static void on_request_line(struct http_reader *reader, struct slice line)
{
    struct http_target target = {.minor = 0};

    if (line.length == 0 && !reader->private.skipped_empty_line) {
        reader->private.skipped_empty_line = true;
        buffer_reset(&reader->head);
        return;
    }
    reader->private.fields_start = reader->head.length;
    refuse_fault(reader, http_head_request_line(line, &target));
    reader->minor = target.minor;
    reader->private.facts.http10 = target.minor == 0;
}

/* The head does not move any more: slices into it are good from here on. */
static void on_head_end(struct http_reader *reader)
{
    const struct http_head *facts = &reader->private.facts;
    struct http_target target;

    struct http_fault fault = http_head_request_line(first_line(reader), &target);
    assert(fault.status == 0);
    reader->method = target.method;
    reader->path = target.path;
    reader->query = target.query;
    reader->fields = slice_skip(buffer_slice(&reader->head), reader->private.fields_start);
    reader->keep_alive = !facts->close && (!facts->http10 || facts->keep_alive);
    reader->expects_continue = facts->expects_continue && !facts->http10;
    reader->has_length = facts->lengths > 0 || facts->codings > 0;
    reader->chunked = facts->chunked;
    reader->content_length = facts->chunked ? 0 : facts->content_length;
    reader->state = HTTP_READER_GATE;
}

static void on_line(struct http_reader *reader)
{
    struct slice line = slice_skip(buffer_slice(&reader->head), reader->private.line_start);

    line = slice_head(line, line.length - 2);
    if (reader->private.fields_start == 0)
        on_request_line(reader, line);
    else if (line.length == 0)
        on_head_end(reader);
    else
        refuse_fault(reader, http_head_field(&reader->private.facts, line, HTTP_READER_MAX_FIELDS));
    reader->private.line_start = reader->head.length;
}

static void on_long_line(struct http_reader *reader)
{
    if (reader->private.fields_start == 0)
        refuse(reader, 414, "request line too long");
    else
        refuse(reader, 431, "header fields too long");
}

static void take_head(struct http_reader *reader, struct slice *bytes)
{
    size_t fields_start = reader->private.fields_start;
    size_t limit =
        fields_start == 0 ? HTTP_READER_MAX_LINE + 2 : fields_start + HTTP_READER_MAX_HEADERS;

    switch (http_line_take(&reader->private.line, &reader->head, limit, bytes)) {
    case HTTP_LINE_MORE:
        break;
    case HTTP_LINE_END:
        on_line(reader);
        break;
    case HTTP_LINE_BAD:
        refuse(reader, 400, "control byte or lone CR or LF in the head");
        break;
    case HTTP_LINE_LONG:
        on_long_line(reader);
        break;
    }
}

/* --- gate ------------------------------------------------------------------------------------- */

void http_reader_admit(struct http_reader *reader)
{
    assert(reader->state == HTTP_READER_GATE);
    struct http_fault fault = http_head_fault(&reader->private.facts);
    if (fault.status != 0)
        refuse_fault(reader, fault);
    else if (reader->content_length > reader->body.maximum)
        refuse(reader, 413, "body over the limit");
    else if (reader->chunked || reader->content_length > 0)
        reader->state = HTTP_READER_BODY;
    else
        reader->state = HTTP_READER_DONE;
}

bool http_reader_is_bare(const struct http_reader *reader)
{
    return reader->state == HTTP_READER_GATE && !reader->chunked && reader->content_length == 0 &&
           http_head_fault(&reader->private.facts).status == 0;
}

/* --- body ------------------------------------------------------------------------------------- */

static void take_chunked(struct http_reader *reader, struct slice *bytes)
{
    struct http_chunk *chunk = &reader->private.chunk;

    http_chunk_feed(chunk, &reader->body, bytes);
    if (chunk->phase == HTTP_CHUNK_BAD)
        refuse(reader, chunk->status, chunk->reason);
    else if (chunk->phase == HTTP_CHUNK_DONE)
        reader->state = HTTP_READER_DONE;
}

static void take_counted(struct http_reader *reader, struct slice *bytes)
{
    size_t left = (size_t)reader->content_length - reader->body.length;
    struct slice data = slice_head(*bytes, left);

    buffer_add_slice(&reader->body, data);
    *bytes = slice_skip(*bytes, data.length);
    if (data.length == left)
        reader->state = HTTP_READER_DONE;
}

/* --- the whole -------------------------------------------------------------------------------- */

size_t http_reader_feed(struct http_reader *reader, struct slice bytes)
{
    size_t before = bytes.length;

    while (bytes.length > 0 && reader->state == HTTP_READER_HEAD)
        take_head(reader, &bytes);
    if (reader->state == HTTP_READER_BODY) {
        if (reader->chunked)
            take_chunked(reader, &bytes);
        else
            take_counted(reader, &bytes);
    }
    return before - bytes.length;
}

bool http_reader_has_begun(const struct http_reader *reader)
{
    return reader != NULL && (reader->state != HTTP_READER_HEAD || reader->head.length > 0);
}

/* Most connections are idle most of the time: what a large request needed is given back. */
static void empty(struct buffer *buffer)
{
    if (buffer->capacity > KEEP_BYTES)
        buffer_clear(buffer);
    else
        buffer_reset(buffer);
}

void http_reader_next(struct http_reader *reader)
{
    struct http_reader fresh = {
        .state = HTTP_READER_HEAD, .head = reader->head, .body = reader->body};

    assert(reader->state == HTTP_READER_DONE || http_reader_is_bare(reader));
    http_chunk_clear(&reader->private.chunk);
    http_chunk_init(&fresh.private.chunk);
    *reader = fresh;
    empty(&reader->head);
    empty(&reader->body);
}
