/* What begins with '{' is JSON, and goes by its "type"; all else is an id, or a mistake.
 *     text -> parse_object -> item_task / item_batch
 *          -> parse_line   -> id, call, question                                              */
#include "worker/item.h"

#include <assert.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "queue/keys.h"
#include "worker/item_batch.h"
#include "worker/item_task.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef bool (*read_fn)(struct item *item, const struct json *doc,
                        const struct item_defaults *defaults, struct error *error);

/* The first stands for objects without a type. */
static const struct {
    const char *type;
    enum item_kind kind;
    read_fn read;
} types[] = {
    {"upload", ITEM_TASK, item_task_read_upload},
    {"index", ITEM_TASK, item_task_read_index},
    {"batch", ITEM_BATCH, item_batch_read},
};

void item_clear(struct item *item)
{
    task_clear(&item->task);
    free(item->id);
    free(item->batch);
    free(item->meta);
    free(item->tasks);
    *item = (struct item){.kind = ITEM_BAD};
}

/* --- objects ---------------------------------------------------------------------------------- */

static bool read_object(struct item *item, const struct json *doc,
                        const struct item_defaults *defaults, struct error *error)
{
    int type = json_get(doc, JSON_ROOT, "type");

    if (type != JSON_NONE && json_type(doc, type) != JSON_STRING)
        return error_set(error, "type: must be a string, is %s",
                         json_type_name(json_type(doc, type)));
    for (size_t i = 0; i < COUNT(types); i++) {
        if (type != JSON_NONE && !json_string_is(doc, type, types[i].type))
            continue;
        item->kind = types[i].kind;
        return types[i].read(item, doc, defaults, error);
    }
    return error_set(error, "type: must be one of: upload, index, batch");
}

static void parse_object(struct item *item, struct slice text, const struct item_defaults *defaults)
{
    static const struct json_limits limits = {ITEM_MAX_BYTES, ITEM_MAX_DEPTH};
    struct error error;
    struct json doc;

    if (!json_parse(&doc, text, &limits, &item->error)) {
        (void)error_prefix(&item->error, "broken JSON");
        return;
    }
    if (!read_object(item, &doc, defaults, &error)) {
        item_clear(item);
        item->error = error;
        item_task_rescue(item, &doc);
    }
    json_clear(&doc);
}

/* --- ids -------------------------------------------------------------------------------------- */

static bool parse_token(struct item *item, struct slice line, char mark, enum item_kind kind)
{
    size_t at = slice_find(line, mark);
    struct slice id = slice_head(line, at);

    if (at == line.length || !keys_valid_task_id(id) ||
        !slice_to_u64(slice_skip(line, at + 1), &item->token))
        return false;
    item->kind = kind;
    item->id = slice_copy(id);
    return true;
}

static void parse_line(struct item *item, struct slice line)
{
    if (keys_valid_id(line)) {
        item->kind = ITEM_ID;
        item->id = slice_copy(line);
        return;
    }
    if (!parse_token(item, line, '@', ITEM_CALL) && !parse_token(item, line, '?', ITEM_QUESTION))
        (void)error_set(&item->error, "a task must be a JSON object or a task id");
}

void item_parse(struct item *item, struct slice text, const struct item_defaults *defaults)
{
    *item = (struct item){.kind = ITEM_BAD};
    if (text.length > ITEM_MAX_BYTES) {
        (void)error_set(&item->error, "item is %zu bytes: at most %d are allowed", text.length,
                        ITEM_MAX_BYTES);
        return;
    }
    struct slice line = slice_trim(text);
    if (line.length == 0)
        (void)error_set(&item->error, "the item is empty");
    else if (line.data[0] == '{')
        parse_object(item, text, defaults);
    else
        parse_line(item, line);
}

/* --- members of a batch ----------------------------------------------------------------------- */

static bool has_id(struct slice raw)
{
    static const struct json_limits limits = {ITEM_MAX_BYTES, ITEM_MAX_DEPTH};
    struct json doc;

    if (!json_parse(&doc, raw, &limits, NULL))
        return false;
    bool found = json_get(&doc, JSON_ROOT, "id") != JSON_NONE;
    json_clear(&doc);
    return found;
}

void item_add_member(struct buffer *out, const struct item *batch, size_t n)
{
    struct json_writer w = json_writer(out);

    assert(batch->kind == ITEM_BATCH && batch->id != NULL && n < batch->task_count);
    struct slice raw = batch->tasks[n];
    struct slice inside = slice_trim(slice_make(raw.data + 1, raw.length - 2));
    json_open(&w, '{');
    json_key_string(&w, "batch", batch->id);
    if (!has_id(raw)) {
        char *id = item_batch_member_id(batch->id, n + 1);
        json_key_string(&w, "id", id);
        free(id);
    }
    if (inside.length > 0)
        json_add_raw(&w, inside);
    json_close(&w, '}');
}

bool item_check_default_index(const char *list, struct error *error)
{
    struct task task = {.kind = TASK_UPLOAD};

    bool good = item_task_add_defaults(&task, list, error);
    task_clear(&task);
    return good;
}
