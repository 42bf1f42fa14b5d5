#include "cli/input_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "cli/draft.h"

enum column_type { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_INDEX };

static const struct column {
    const char *name;
    enum column_type type;
} columns[] = {
    {"url", COLUMN_TEXT},
    {"id", COLUMN_TEXT},
    {"name", COLUMN_TEXT},
    {"description", COLUMN_TEXT},
    {"media_type", COLUMN_TEXT},
    {"collection_id", COLUMN_TEXT},
    {"max_attempts", COLUMN_NUMBER},
    {"index", COLUMN_INDEX},
};

static const char meta_prefix[] = "meta.";

static const struct column *find(const char *name)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

static bool is_meta(const char *name)
{
    return strncmp(name, meta_prefix, strlen(meta_prefix)) == 0;
}

/* --- header ----------------------------------------------------------------------------------- */

bool input_header_is(const struct csv *csv)
{
    for (size_t i = 0; i < csv->count; i++)
        if (slice_is(slice_trim(buffer_slice(&csv->fields[i])), "url"))
            return true;
    return false;
}

static bool check_column(const struct input_header *header, const char *name, struct error *error)
{
    if (find(name) == NULL && !is_meta(name))
        return error_set(error,
                         "column %.64s: expected url, id, name, description, media_type, "
                         "collection_id, max_attempts, index or meta.NAME",
                         name);
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(header->names[i], name) == 0)
            return error_set(error, "column %.64s is there twice", name);
    return true;
}

bool input_header_read(struct input_header *header, const struct csv *csv, struct error *error)
{
    *header = (struct input_header){0};
    for (size_t i = 0; i < csv->count; i++) {
        char *name = slice_copy(slice_trim(buffer_slice(&csv->fields[i])));
        bool good = check_column(header, name, error);
        header->names[header->count++] = name;
        if (!good) {
            input_header_clear(header);
            return error_prefix(error, "line %u", csv->line);
        }
    }
    return true;
}

void input_header_clear(struct input_header *header)
{
    for (size_t i = 0; i < header->count; i++)
        free(header->names[i]);
    header->count = 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool add_index(struct json_writer *w, const char *text, struct error *error)
{
    char *index = draft_index(text, error);

    if (index != NULL)
        json_key_raw(w, "index", slice_text(index));
    free(index);
    return index != NULL;
}

static bool add_number(struct json_writer *w, const char *name, struct slice text,
                       struct error *error)
{
    uint64_t number;

    if (!slice_to_u64(text, &number))
        return error_set(error, "%s %.*s: expected a number", name,
                         SLICE_ARGS(slice_head(text, 64)));
    json_key_raw(w, name, text);
    return true;
}

static bool add_field(struct json_writer *w, const char *name, const struct buffer *field,
                      struct error *error)
{
    const struct column *column = find(name);

    if (column == NULL || field->length == 0)
        return true;
    if (column->type == COLUMN_INDEX)
        return add_index(w, buffer_text(field), error);
    if (column->type == COLUMN_NUMBER)
        return add_number(w, name, buffer_slice(field), error);
    json_key_slice(w, name, buffer_slice(field));
    return true;
}

static void add_meta(struct json_writer *w, const struct input_header *header,
                     const struct csv *csv)
{
    bool open = false;

    for (size_t i = 0; i < csv->count; i++) {
        if (!is_meta(header->names[i]) || csv->fields[i].length == 0)
            continue;
        if (!open) {
            json_add_key(w, "meta");
            json_open(w, '{');
            open = true;
        }
        json_key_slice(w, header->names[i] + strlen(meta_prefix), buffer_slice(&csv->fields[i]));
    }
    if (open)
        json_close(w, '}');
}

bool input_row_read(struct buffer *out, const struct input_header *header, const struct csv *csv,
                    struct error *error)
{
    struct json_writer w = json_writer(out);

    if (csv->count > header->count)
        return error_set(error, "%zu fields, and the header has %zu", csv->count, header->count);
    json_open(&w, '{');
    for (size_t i = 0; i < csv->count; i++)
        if (!add_field(&w, header->names[i], &csv->fields[i], error))
            return false;
    add_meta(&w, header, csv);
    json_close(&w, '}');
    return !out->failed || error_set(error, "the row is over 1 MiB");
}
