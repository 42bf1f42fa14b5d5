/* A callback on its way: whatever body VideoDB, or somebody with its URL, has sent, the webhook
 * makes one line of JSON of it that the spool can hold; and the worker reads from that line what
 * it would have read from the body. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "webhook/envelope.h"
#include "webhook/spool_record.h"
#include "worker/callback_read.h"

enum { MAX_ID = 128 };

/* --- the webhook's side ----------------------------------------------------------------------- */

/* The same question with the parts that the webhook does not use for it. */
static bool tells_something(struct slice body)
{
    struct json_limits limits = {.max_bytes = body.length, .max_depth = ENVELOPE_MAX_DEPTH};
    struct json doc;
    bool success;

    if (!json_parse(&doc, body, &limits, NULL))
        return false;
    bool tells = json_type(&doc, JSON_ROOT) == JSON_OBJECT &&
                 json_bool(&doc, json_get(&doc, JSON_ROOT, "success"), &success);
    json_clear(&doc);
    return tells;
}

static struct buffer store(const struct envelope *envelope)
{
    struct buffer line = BUFFER(envelope->body.length + ENVELOPE_MAX_FRAME);
    struct error error;

    bool readable = envelope_add(&line, envelope, &error);
    assert(!line.failed && line.length <= SPOOL_RECORD_MAX);
    assert(readable == tells_something(envelope->body));
    if (!readable)
        fuzz_expect_error(&error);
    fuzz_expect_json_line(buffer_slice(&line));
    return line;
}

/* --- the worker's side ------------------------------------------------------------------------ */

static void expect_same(const struct videodb_answer *a, const struct videodb_answer *b)
{
    assert(a->says == b->says);
    assert(fuzz_same(a->message, b->message) && fuzz_same(a->media_id, b->media_id));
    assert(fuzz_same(a->collection_id, b->collection_id));
    assert(fuzz_same(a->output_url, b->output_url));
    assert(fuzz_same(a->scene_index_id, b->scene_index_id) && fuzz_same(a->media, b->media));
}

static void expect_direct(const struct callback_said *said, const struct envelope *envelope)
{
    struct videodb_answer direct = {.says = VIDEODB_UNREADABLE};

    if (!tells_something(envelope->body)) {
        assert(said->answer.says == VIDEODB_UNREADABLE);
        return;
    }
    if (said->upload)
        videodb_read_upload(&direct, envelope->body);
    else
        videodb_read_index(&direct, envelope->body);
    expect_same(&said->answer, &direct);
    videodb_answer_clear(&direct);
}

static void carry(const struct envelope *envelope)
{
    struct buffer line = store(envelope);
    struct callback_said said;

    assert(callback_read(&said, buffer_slice(&line), NULL));
    assert(slice_is(envelope->id, said.id) && said.call == (int64_t)envelope->call);
    assert(said.upload == slice_is(slice_text(envelope->kind), "upload"));
    expect_direct(&said, envelope);
    callback_said_clear(&said);
    buffer_clear(&line);
}

/* What lies on the list is only hoped to be ours. */
static void read_foreign(struct slice text)
{
    struct callback_said said;
    struct error error;

    if (callback_read(&said, text, &error))
        assert(said.id[0] != '\0' && fuzz_is_line(said.id));
    else
        fuzz_expect_error(&error);
    callback_said_clear(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = slice_make(data, size);
    struct envelope envelope = {"upload", slice_text("task-1/scenes"), 1, 1700000000000, body};

    carry(&envelope);
    envelope.kind = "index";
    envelope.call = INT64_MAX;
    carry(&envelope);
    envelope.id = slice_head(body, MAX_ID); /* signed by us or not, it must not break the line */
    struct buffer line = store(&envelope);
    buffer_clear(&line);
    read_foreign(body);
    return 0;
}
