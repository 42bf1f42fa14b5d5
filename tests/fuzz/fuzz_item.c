/* What is pushed on the queue. Whatever the bytes, they are a task, a batch, an id or a mistake:
 * a task can be kept in its record and read back, and its calls can be made; a member of a batch is
 * an item of its own; a mistake says what is wrong, on one line. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "queue/keys.h"
#include "worker/item.h"
#include "worker/videodb.h"

enum { MAX_TEXT = 8 << 20, MAX_MEMBERS = 32 };

static const struct item_defaults defaults = {3, "spoken_words, scenes"};

/* --- tasks ------------------------------------------------------------------------------------ */

static void expect_same_indexes(const struct task *a, const struct task *b)
{
    assert(a->index_count == b->index_count);
    for (size_t i = 0; i < a->index_count; i++) {
        assert(fuzz_same(a->indexes[i].type, b->indexes[i].type));
        assert(fuzz_same(a->indexes[i].label, b->indexes[i].label));
        assert(fuzz_same(a->indexes[i].options, b->indexes[i].options));
    }
}

static void expect_same(const struct task *a, const struct task *b)
{
    assert(a->kind == b->kind && a->batch_size == b->batch_size);
    assert(a->max_attempts == b->max_attempts);
    assert(fuzz_same(a->id, b->id) && fuzz_same(a->url, b->url) && fuzz_same(a->name, b->name));
    assert(fuzz_same(a->description, b->description) && fuzz_same(a->media_type, b->media_type));
    assert(fuzz_same(a->collection_id, b->collection_id) && fuzz_same(a->video_id, b->video_id));
    assert(fuzz_same(a->batch, b->batch) && fuzz_same(a->meta, b->meta));
    expect_same_indexes(a, b);
}

static bool is_id(const char *id)
{
    return id == NULL || keys_valid_id(slice_text(id));
}

static void check_task(const struct task *task)
{
    assert(is_id(task->id) && is_id(task->batch) && task->collection_id != NULL);
    assert(task_valid_media_id(slice_text(task->collection_id)));
    assert(task->max_attempts >= 1 && task->max_attempts <= 100);
    assert(task->batch_size >= 0 && (task->batch_size == 0 || task->batch != NULL));
    assert(task->index_count <= ITEM_MAX_INDEXES);
    assert(task->meta == NULL || strlen(task->meta) <= ITEM_MAX_META);
    if (task->kind == TASK_UPLOAD) {
        struct url url;
        assert(url_parse(slice_text(task->url), ITEM_MAX_URL, &url, NULL));
    } else {
        assert(task_valid_media_id(slice_text(task->video_id)) && task->index_count == 1);
    }
    for (size_t i = 0; i < task->index_count; i++)
        for (size_t j = 0; j < i; j++)
            assert(!fuzz_same(task->indexes[i].label, task->indexes[j].label));
}

static void expect_json(struct buffer *text)
{
    struct json_limits limits = {MAX_TEXT, 64};

    assert(!text->failed && json_check(buffer_slice(text), &limits, NULL, NULL));
    buffer_reset(text);
}

/* The call, the record and the messages are JSON, and the path of the call is a path. */
static void write_task(const struct task *task)
{
    struct buffer text = BUFFER(MAX_TEXT);
    struct videodb_request request;

    task_add_request(&text, task);
    expect_json(&text);
    buffer_add_char(&text, '{');
    task_add_about(&text, task);
    buffer_add_char(&text, '}');
    expect_json(&text);
    buffer_clear(&text);
    videodb_request_init(&request);
    videodb_call(&request, task, "a-name", "https://h/cb?sig=1");
    assert(!request.path.failed && slice_starts_with(buffer_slice(&request.path), "/"));
    for (size_t i = 0; i < request.path.length; i++)
        assert(request.path.data[i] > ' ' && request.path.data[i] <= '~');
    assert(slice_find(buffer_slice(&request.path), '?') == request.path.length);
    assert(slice_contains_nocase(buffer_slice(&request.body), "https://h/cb?sig=1"));
    expect_json(&request.body);
    videodb_request_clear(&request);
}

static void read_back(const struct task *task)
{
    struct buffer text = BUFFER(MAX_TEXT);
    struct task again;

    task_add_request(&text, task);
    assert(task_parse_request(&again, buffer_slice(&text), NULL));
    expect_same(task, &again);
    task_clear(&again);
    buffer_clear(&text);
}

static void make_children(const struct task *task)
{
    for (size_t i = 0; task->kind == TASK_UPLOAD && i < task->index_count; i++) {
        struct buffer text = BUFFER(MAX_TEXT);
        struct task child;
        task_add_child_request(&text, task, i, "m-1");
        assert(task_parse_request(&child, buffer_slice(&text), NULL));
        assert(child.kind == TASK_INDEX && child.meta == NULL && child.batch == NULL);
        assert(fuzz_same(child.indexes[0].options, task->indexes[i].options));
        assert(child.id == NULL || keys_valid_task_id(slice_text(child.id)));
        write_task(&child);
        task_clear(&child);
        buffer_clear(&text);
    }
}

static void check_good_task(const struct item *item)
{
    check_task(&item->task);
    write_task(&item->task);
    read_back(&item->task);
    make_children(&item->task);
}

/* --- batches ---------------------------------------------------------------------------------- */

static void check_member(const struct item *batch, size_t n)
{
    struct buffer text = BUFFER(MAX_TEXT);
    struct item member;

    item_add_member(&text, batch, n);
    item_parse(&member, buffer_slice(&text), &defaults);
    assert(member.kind == ITEM_TASK || member.kind == ITEM_BAD);
    if (member.kind == ITEM_TASK) {
        check_good_task(&member);
        assert(fuzz_same(member.task.batch, batch->id) && member.task.id != NULL);
    } else {
        fuzz_expect_error(&member.error);
        /* Without its batch a failure would never be counted, and the batch never be complete. */
        assert(fuzz_same(member.batch, batch->id));
    }
    item_clear(&member);
    buffer_clear(&text);
}

static void check_batch(struct item *item)
{
    assert(is_id(item->id) && item->task_count <= ITEM_MAX_BATCH);
    if (item->id == NULL)
        item->id = xstrdup("b1");
    for (size_t n = 0; n < item->task_count && n < MAX_MEMBERS; n++)
        check_member(item, n);
}

/* --- all else --------------------------------------------------------------------------------- */

static void check_token(const struct item *item, char mark)
{
    char *text = xasprintf("%s%c%llu", item->id, mark, (unsigned long long)item->token);
    struct item again;

    assert(keys_valid_task_id(slice_text(item->id)));
    item_parse(&again, slice_text(text), &defaults);
    assert(again.kind == item->kind && again.token == item->token);
    assert(fuzz_same(again.id, item->id));
    item_clear(&again);
    free(text);
}

static void check_bad(const struct item *item)
{
    fuzz_expect_error(&item->error);
    assert(is_id(item->id) && is_id(item->batch) && item->batch_size >= 0);
    if (item->meta != NULL) {
        struct json_limits limits = {ITEM_MAX_META, 64};
        assert(json_check(slice_text(item->meta), &limits, NULL, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct item item;

    item_parse(&item, slice_make(data, size), &defaults);
    switch (item.kind) {
    case ITEM_TASK:
        check_good_task(&item);
        break;
    case ITEM_BATCH:
        check_batch(&item);
        break;
    case ITEM_ID:
        assert(keys_valid_id(slice_text(item.id)));
        break;
    case ITEM_CALL:
        check_token(&item, '@');
        break;
    case ITEM_QUESTION:
        check_token(&item, '?');
        break;
    case ITEM_BAD:
        check_bad(&item);
        break;
    }
    item_clear(&item);
    return 0;
}
