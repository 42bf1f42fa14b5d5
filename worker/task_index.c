#include "worker/task_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_WORD = 256 };

static const struct field spoken_words[] = {
    {.name = "type", .type = JSON_STRING, .required = true},
    {.name = "language_code", .type = JSON_STRING, .min = 1, .max = MAX_WORD},
    {.name = "segmentation_type", .type = JSON_STRING, .words = "sentence, llm"},
    {.name = "force", .type = JSON_BOOL},
    {.name = "engine", .type = JSON_STRING, .min = 1, .max = MAX_WORD},
};

static const struct field scenes[] = {
    {.name = "type", .type = JSON_STRING, .required = true},
    {.name = "extraction_type", .type = JSON_STRING, .words = "shot, time, transcript"},
    {.name = "extraction_config", .type = JSON_OBJECT},
    {.name = "prompt", .type = JSON_STRING},
    {.name = "name", .type = JSON_STRING, .min = 1, .max = 1024},
    {.name = "model_name", .type = JSON_STRING, .min = 1, .max = MAX_WORD},
    {.name = "model_config", .type = JSON_OBJECT},
    {.name = "metadata", .type = JSON_OBJECT},
    {.name = "scenes", .type = JSON_ARRAY},
};

static const char no_options[] = "{}";
static const char type_words[] = "spoken_words, scenes";

static const struct {
    const char *type;
    struct fields options;
} types[] = {
    {"spoken_words", {spoken_words, COUNT(spoken_words), true}},
    {"scenes", {scenes, COUNT(scenes), true}},
};

static const struct fields *options_of(struct slice type)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (slice_is(type, types[i].type))
            return &types[i].options;
    return NULL;
}

bool task_index_known(struct slice type)
{
    return options_of(type) != NULL;
}

void task_index_init(struct task_index *index, struct slice type)
{
    index->type = slice_copy(type);
    index->label = slice_copy(type);
    index->options = xstrdup(no_options);
}

void task_index_clear(struct task_index *index)
{
    free(index->type);
    free(index->label);
    free(index->options);
    *index = (struct task_index){.type = NULL};
}

/* The members of `node` but for "type", as they were written. */
static char *copy_options(const struct json *doc, int node)
{
    struct buffer out = BUFFER(json_raw(doc, node).length);
    struct json_writer w = json_writer(&out);
    int type = json_get(doc, node, "type");

    json_open(&w, '{');
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n)) {
        if (n == type)
            continue;
        /* A raw key goes out as it came in: it is escaped already. */
        struct slice key = json_key(doc, n);
        json_add_raw(&w, slice_make(key.data - 1, key.length + 2));
        buffer_add_char(&out, ':');
        w.comma = false;
        json_add_raw(&w, json_raw(doc, n));
    }
    json_close(&w, '}');
    return buffer_take(&out);
}

/* So that the record, in which options stand deeper than in the item, can be read for certain. */
static bool shallow(const struct json *doc, int node, struct error *error)
{
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n)) {
        struct slice raw = json_raw(doc, n), key = slice_head(json_key(doc, n), MAX_WORD);
        struct json_limits limits = {raw.length, TASK_INDEX_MAX_DEPTH};
        if (!json_check(raw, &limits, NULL, error))
            return error_prefix(error, ".%.*s", SLICE_ARGS(key));
    }
    return true;
}

static bool parse_object(struct task_index *index, const struct json *doc, int node,
                         struct error *error)
{
    int type = json_get(doc, node, "type");
    char *name = fields_text(doc, node, "type");
    const struct fields *options = name == NULL ? NULL : options_of(slice_text(name));

    free(name);
    if (type == JSON_NONE)
        return error_set(error, ".type: is missing");
    if (json_type(doc, type) != JSON_STRING)
        return error_set(error, ".type: must be a string, is %s",
                         json_type_name(json_type(doc, type)));
    if (options == NULL)
        return error_set(error, ".type: must be one of: %s", type_words);
    if (!fields_check(doc, node, options, error) || !shallow(doc, node, error))
        return false;
    index->type = fields_text(doc, node, "type");
    index->label = xstrdup(index->type);
    index->options = copy_options(doc, node);
    return true;
}

bool task_index_parse(struct task_index *index, const struct json *doc, int node,
                      struct error *error)
{
    *index = (struct task_index){.type = NULL};
    if (json_type(doc, node) == JSON_OBJECT)
        return parse_object(index, doc, node, error);
    if (json_type(doc, node) != JSON_STRING)
        return error_set(error, ": must be a string or an object, is %s",
                         json_type_name(json_type(doc, node)));
    for (size_t i = 0; i < COUNT(types); i++)
        if (json_string_is(doc, node, types[i].type)) {
            task_index_init(index, slice_text(types[i].type));
            return true;
        }
    return error_set(error, ": must be one of: %s", type_words);
}

void task_index_write(struct json_writer *w, const struct task_index *index)
{
    json_open(w, '{');
    json_key_string(w, "type", index->type);
    if (strcmp(index->label, index->type) != 0)
        json_key_string(w, "label", index->label);
    if (strcmp(index->options, no_options) != 0)
        json_key_raw(w, "options", slice_text(index->options));
    json_close(w, '}');
}

bool task_index_read(struct task_index *index, const struct json *doc, int node,
                     struct error *error)
{
    int label = json_get(doc, node, "label"), options = json_get(doc, node, "options");

    index->type = fields_text(doc, node, "type");
    index->label = fields_text(doc, node, label == JSON_NONE ? "type" : "label");
    index->options =
        options == JSON_NONE ? xstrdup(no_options) : slice_copy(json_raw(doc, options));
    if (index->type != NULL && index->label != NULL &&
        options_of(slice_text(index->type)) != NULL &&
        (options == JSON_NONE || json_type(doc, options) == JSON_OBJECT))
        return true;
    task_index_clear(index);
    return error_set(error, "not an index of a record");
}
