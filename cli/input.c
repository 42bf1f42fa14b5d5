/* input_add -> read the file -> input_add_text -> by lines or by rows -> take_object
 * A CSV file says so by a header with a column `url`; a line that begins with '{' is JSON; another
 * one is a URL, a comment behind '#', or empty. */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "cli/input_row.h"
#include "queue/keys.h"

enum { MAX_FILE = 1 << 30, MAX_OBJECT = 1 << 20 };

void input_init(struct input *input, const char *batch)
{
    *input = (struct input){.ids = ids_new(), .batch = batch};
}

void input_clear(struct input *input)
{
    for (size_t i = 0; i < input->count; i++)
        draft_clear(&input->drafts[i]);
    free(input->drafts);
    ids_free(input->ids);
    *input = (struct input){0};
}

/* --- one task --------------------------------------------------------------------------------- */

static bool keep_id(struct input *input, const struct draft *draft, struct error *error)
{
    char *made = draft->id != NULL      ? NULL
                 : input->batch != NULL ? xasprintf("%s.%zu", input->batch, input->count + 1)
                                        : keys_new_id("t");
    const char *id = made != NULL ? made : draft->id;
    bool kept = keys_valid_id(slice_text(id));

    if (!kept)
        (void)error_set(error, "id %.160s: longer than %d bytes, take a shorter --batch", id,
                        KEYS_MAX_ID);
    else if (!(kept = ids_add(input->ids, slice_text(id))))
        (void)error_set(error, "id %s is there twice", id);
    free(made);
    return kept;
}

static bool take_object(struct input *input, struct slice object, struct error *error)
{
    struct draft draft;

    if (!draft_read(&draft, object, error))
        return false;
    if (!keep_id(input, &draft, error)) {
        draft_clear(&draft);
        return false;
    }
    if (input->count == input->capacity) {
        input->capacity = input->capacity == 0 ? 64 : 2 * input->capacity;
        input->drafts = xrealloc(input->drafts, input->capacity, sizeof(*input->drafts));
    }
    input->drafts[input->count++] = draft;
    return true;
}

static bool take_url(struct input *input, struct slice url, struct error *error)
{
    struct buffer object = BUFFER(MAX_OBJECT);
    struct json_writer w = json_writer(&object);

    json_open(&w, '{');
    json_key_slice(&w, "url", url);
    json_close(&w, '}');
    bool taken = object.failed ? error_set(error, "url: longer than 8192 bytes")
                               : take_object(input, buffer_slice(&object), error);
    buffer_clear(&object);
    return taken;
}

/* --- by lines --------------------------------------------------------------------------------- */

static bool take_line(struct input *input, struct slice line, struct error *error)
{
    if (line.length == 0 || line.data[0] == '#')
        return true;
    return (line.data[0] == '{' ? take_object : take_url)(input, line, error);
}

static bool take_lines(struct input *input, struct slice text, struct error *error)
{
    for (unsigned number = 1; text.length > 0; number++) {
        struct slice line = slice_head(text, slice_find(text, '\n'));
        text = slice_skip(text, line.length + 1);
        if (!take_line(input, slice_trim(line), error))
            return error_prefix(error, "line %u", number);
    }
    return true;
}

/* --- by rows ---------------------------------------------------------------------------------- */

static bool take_row(struct input *input, const struct input_header *header, const struct csv *csv,
                     struct error *error)
{
    struct buffer object = BUFFER(MAX_OBJECT);
    bool taken = input_row_read(&object, header, csv, error) &&
                 take_object(input, buffer_slice(&object), error);

    buffer_clear(&object);
    return taken || error_prefix(error, "line %u", csv->line);
}

static bool take_rows(struct input *input, struct slice text, struct error *error)
{
    struct csv csv;
    struct input_header header;
    bool good;

    csv_init(&csv, text);
    good = csv_next(&csv, error) && input_header_read(&header, &csv, error);
    if (good) {
        while (good && csv_next(&csv, error))
            good = take_row(input, &header, &csv, error);
        good = good && error->text[0] == '\0';
        input_header_clear(&header);
    }
    csv_clear(&csv);
    return good;
}

static bool is_csv(struct slice text)
{
    struct csv csv;
    struct error error;

    csv_init(&csv, text);
    bool is = csv_next(&csv, &error) && input_header_is(&csv);
    csv_clear(&csv);
    return is;
}

static struct slice without_mark(struct slice text)
{
    return slice_starts_with(text, "\xef\xbb\xbf") ? slice_skip(text, 3) : text;
}

bool input_add_text(struct input *input, const char *name, struct slice text, struct error *error)
{
    struct slice content = without_mark(text);
    bool good = (is_csv(content) ? take_rows : take_lines)(input, content, error);

    return good || error_prefix(error, "%.100s", name);
}

/* --- files ------------------------------------------------------------------------------------ */

static bool read_all(FILE *file, struct buffer *out, struct error *error)
{
    char piece[65536];
    size_t length;

    while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
        buffer_add(out, piece, length);
    if (ferror(file) != 0)
        return error_set(error, "%s", strerror(errno));
    return !out->failed || error_set(error, "is over 1 GiB");
}

static bool add_stream(struct input *input, FILE *file, const char *name, struct error *error)
{
    struct buffer text = BUFFER(MAX_FILE);
    bool good = read_all(file, &text, error) || error_prefix(error, "%.100s", name);

    good = good && input_add_text(input, name, buffer_slice(&text), error);
    buffer_clear(&text);
    return good;
}

static bool add_file(struct input *input, const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return error_set(error, "%.100s: %s (a URL begins with http:// or https://)", path,
                         strerror(errno));
    bool good = add_stream(input, file, path, error);
    (void)fclose(file);
    return good;
}

bool input_add(struct input *input, const char *word, struct error *error)
{
    if (strstr(word, "://") != NULL)
        return take_url(input, slice_text(word), error);
    if (strcmp(word, "-") == 0)
        return add_stream(input, stdin, "standard input", error);
    return add_file(input, word, error);
}
