#include "cli/draft.h"

#include <stdlib.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "queue/keys.h"

enum { MAX_ITEM = 1 << 20, MAX_DEPTH = 64, MAX_URL = 8192 };

static const struct json_limits limits = {MAX_ITEM, MAX_DEPTH};

/* --- reading ---------------------------------------------------------------------------------- */

static bool check_url(const struct json *doc, struct error *error)
{
    struct buffer text = BUFFER(MAX_ITEM);
    struct url url;
    bool good;

    if (json_type(doc, json_get(doc, JSON_ROOT, "url")) != JSON_STRING)
        return error_set(error, "url: expected the http or https URL of a video");
    (void)json_string(doc, json_get(doc, JSON_ROOT, "url"), &text);
    good = url_parse(buffer_slice(&text), MAX_URL, &url, error);
    if (!good)
        (void)error_prefix(error, "url %.128s", buffer_text(&text));
    buffer_clear(&text);
    return good;
}

static bool check_kind(const struct json *doc, struct error *error)
{
    int type = json_get(doc, JSON_ROOT, "type");

    if (type == JSON_NONE || json_string_is(doc, type, "upload"))
        return check_url(doc, error);
    if (json_string_is(doc, type, "index"))
        return json_get(doc, JSON_ROOT, "video_id") != JSON_NONE ||
               error_set(error, "video_id: expected the id of the video to index");
    if (json_string_is(doc, type, "batch"))
        return error_set(error, "type batch: give its tasks one a line, and --batch");
    return error_set(error, "type: expected upload or index");
}

static bool take_id(struct draft *draft, const struct json *doc, struct error *error)
{
    int node = json_get(doc, JSON_ROOT, "id");
    struct buffer id = BUFFER(MAX_ITEM);

    if (node == JSON_NONE)
        return true;
    bool good = json_string(doc, node, &id) && keys_valid_id(buffer_slice(&id));
    if (good)
        draft->id = buffer_take(&id);
    else
        (void)error_set(error, "id %.*s: expected 1 to %d letters, digits and _ - . :",
                        SLICE_ARGS(slice_head(json_raw(doc, node), 128)), KEYS_MAX_ID);
    buffer_clear(&id);
    return good;
}

static struct slice inside(struct slice object)
{
    return slice_trim(slice_make(object.data + 1, object.length - 2));
}

static bool take(struct draft *draft, const struct json *doc, struct error *error)
{
    if (json_type(doc, JSON_ROOT) != JSON_OBJECT)
        return error_set(error, "expected a URL or a JSON object");
    if (!json_unique_keys(doc, JSON_ROOT, error) || !check_kind(doc, error) ||
        !take_id(draft, doc, error))
        return false;
    draft->has_batch = json_get(doc, JSON_ROOT, "batch") != JSON_NONE;
    draft->has_index = json_get(doc, JSON_ROOT, "index") != JSON_NONE ||
                       json_get(doc, JSON_ROOT, "video_id") != JSON_NONE;
    draft->has_collection = json_get(doc, JSON_ROOT, "collection_id") != JSON_NONE;
    draft->members = slice_copy(inside(json_raw(doc, JSON_ROOT)));
    return true;
}

bool draft_read(struct draft *draft, struct slice text, struct error *error)
{
    struct json doc;

    *draft = (struct draft){0};
    if (!json_parse(&doc, text, &limits, error))
        return false;
    bool good = take(draft, &doc, error);
    json_clear(&doc);
    if (!good)
        draft_clear(draft);
    return good;
}

void draft_clear(struct draft *draft)
{
    free(draft->members);
    free(draft->id);
    *draft = (struct draft){0};
}

/* --- writing ---------------------------------------------------------------------------------- */

void draft_add_item(struct buffer *out, const struct draft *draft, const char *id,
                    const struct draft_defaults *defaults)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    if (draft->id == NULL)
        json_key_string(&w, "id", id);
    if (defaults->batch != NULL && !draft->has_batch) {
        json_key_string(&w, "batch", defaults->batch);
        json_key_int(&w, "batch_size", defaults->batch_size);
    }
    if (defaults->index != NULL && !draft->has_index)
        json_key_raw(&w, "index", slice_text(defaults->index));
    if (defaults->collection != NULL && !draft->has_collection)
        json_key_string(&w, "collection_id", defaults->collection);
    if (w.comma)
        buffer_add_char(out, ',');
    buffer_add_text(out, draft->members);
    buffer_add_char(out, '}');
}

static char *index_of_json(struct slice text, struct error *error)
{
    struct json doc;

    if (!json_parse(&doc, text, &limits, error)) {
        (void)error_prefix(error, "--index");
        return NULL;
    }
    enum json_type type = json_type(&doc, JSON_ROOT);
    json_clear(&doc);
    return type == JSON_ARRAY ? slice_copy(text) : xasprintf("[%.*s]", SLICE_ARGS(text));
}

static bool is_index_type(struct slice name)
{
    return slice_is(name, "spoken_words") || slice_is(name, "scenes");
}

static bool add_names(struct buffer *out, struct slice rest, struct error *error)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '[');
    while (rest.length > 0) {
        struct slice name = slice_head(rest, slice_find(rest, ','));
        rest = slice_skip(rest, name.length + 1);
        if (!is_index_type(slice_trim(name)))
            return error_set(error,
                             "--index %.*s: expected spoken_words, scenes, both with a comma "
                             "between them, none, or JSON",
                             SLICE_ARGS(slice_head(name, 64)));
        json_add_string(&w, slice_trim(name));
    }
    json_close(&w, ']');
    return true;
}

char *draft_index(const char *text, struct error *error)
{
    struct slice list = slice_trim(slice_text(text));
    struct buffer out = BUFFER(MAX_ITEM);
    char *made = NULL;

    if (slice_starts_with(list, "{") || slice_starts_with(list, "["))
        return index_of_json(list, error);
    if (slice_is(list, "none"))
        return xstrdup("[]");
    if (add_names(&out, list, error))
        made = buffer_take(&out);
    buffer_clear(&out);
    return made;
}
