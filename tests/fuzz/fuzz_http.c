/* The bytes of a connection, read by http_reader as http_connection does: every request is let in,
 * but one that is no POST is passed over when nothing follows its head. However the bytes are
 * portioned, the same requests come out. */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "net/http_reader.h"

enum { MAX_BODY = 512, MAX_TRANSCRIPT = 1 << 20 };

struct client {
    struct http_reader reader;
    struct buffer transcript;
    bool over;
};

/* --- what must hold --------------------------------------------------------------------------- */

static bool is_visible(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] <= ' ' || s.data[i] > '~')
            return false;
    return true;
}

static void check_head(const struct http_reader *reader)
{
    assert(reader->head.length <= HTTP_READER_MAX_LINE + 2 + HTTP_READER_MAX_HEADERS);
    assert(!reader->head.failed && reader->body.length == 0);
    assert(http_line_is_token(reader->method));
    assert(slice_is(reader->path, "*") || slice_starts_with(reader->path, "/"));
    assert(is_visible(reader->path) && is_visible(reader->query));
    assert(slice_find(reader->path, '?') == reader->path.length);
    assert(reader->minor == 0 || reader->minor == 1);
}

/* What smuggles a request is a length that two readers read differently. */
static void check_whole(const struct http_reader *reader)
{
    const struct http_head *facts = &reader->private.facts;

    assert(!reader->body.failed && reader->body.length <= MAX_BODY);
    assert(facts->lengths + facts->codings <= 1);
    assert(reader->chunked || reader->body.length == reader->content_length);
    assert(!reader->chunked || reader->minor == 1);
    assert(facts->hosts == 1 || (facts->hosts == 0 && reader->minor == 0));
}

static void check_refusal(const struct http_reader *reader)
{
    static const int known[] = {400, 413, 414, 417, 431, 505};
    bool found = false;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        found = found || reader->status == known[i];
    assert(found && reader->reason != NULL);
}

/* --- one connection --------------------------------------------------------------------------- */

static void note_slice(struct client *client, struct slice s)
{
    buffer_add_format(&client->transcript, " %zu:", s.length);
    buffer_add_slice(&client->transcript, s);
}

static void on_gate(struct client *client)
{
    struct http_reader *reader = &client->reader;

    check_head(reader);
    buffer_add_format(&client->transcript, "gate 1.%d%s%s%s", reader->minor,
                      reader->keep_alive ? " keep" : "", reader->expects_continue ? " expect" : "",
                      reader->has_length ? " length" : "");
    note_slice(client, reader->method);
    note_slice(client, reader->path);
    note_slice(client, reader->query);
    if (!slice_is(reader->method, "POST") && http_reader_is_bare(reader)) {
        http_reader_next(reader);
        assert(!http_reader_has_begun(reader));
    } else {
        http_reader_admit(reader);
        assert(reader->state != HTTP_READER_GATE);
    }
}

static void on_request(struct client *client)
{
    check_whole(&client->reader);
    buffer_add_text(&client->transcript, " done");
    note_slice(client, buffer_slice(&client->reader.body));
    http_reader_next(&client->reader);
    assert(!http_reader_has_begun(&client->reader));
}

static void on_refusal(struct client *client)
{
    check_refusal(&client->reader);
    buffer_add_format(&client->transcript, " bad %d %s", client->reader.status,
                      client->reader.reason);
    client->over = true;
}

static void feed(struct client *client, struct slice bytes)
{
    struct http_reader *reader = &client->reader;

    while (!client->over) {
        enum http_reader_state before = reader->state;
        size_t taken = http_reader_feed(reader, bytes);
        assert(taken <= bytes.length);
        bytes = slice_skip(bytes, taken);
        if (reader->state == HTTP_READER_GATE)
            on_gate(client);
        if (reader->state == HTTP_READER_DONE)
            on_request(client);
        if (reader->state == HTTP_READER_BAD)
            on_refusal(client);
        if (bytes.length == 0)
            return;
        assert(taken > 0 || reader->state != before);
    }
}

static struct buffer read_in(struct slice input, struct fuzz_dice *dice, size_t longest)
{
    struct client client = {.transcript = BUFFER(MAX_TRANSCRIPT)};

    http_reader_init(&client.reader, MAX_BODY);
    while (input.length > 0) {
        struct slice part = slice_head(input, 1 + fuzz_roll(dice, longest));
        feed(&client, part);
        input = slice_skip(input, part.length);
    }
    http_reader_clear(&client.reader);
    return client.transcript;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_make(data, size);
    struct fuzz_dice dice = fuzz_dice(input);
    const size_t portions[] = {1, 16, 2048};
    struct client whole = {.transcript = BUFFER(MAX_TRANSCRIPT)};

    http_reader_init(&whole.reader, MAX_BODY);
    feed(&whole, input);
    for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
        struct buffer other = read_in(input, &dice, portions[i]);
        assert(slice_equal(buffer_slice(&other), buffer_slice(&whole.transcript)));
        buffer_clear(&other);
    }
    http_reader_clear(&whole.reader);
    buffer_clear(&whole.transcript);
    return 0;
}
