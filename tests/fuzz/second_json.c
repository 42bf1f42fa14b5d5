/* Headers of ours that name things as jansson does must not come in here. */
#include "second_json.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

enum { MAX_TEXT = 4 << 20, MAX_PATCHES = 16 };

/* --- values ----------------------------------------------------------------------------------- */

static void add_bytes(struct buffer *out, const char *bytes, size_t length)
{
    buffer_add_format(out, "\"%zu:", length);
    buffer_add(out, bytes, length);
}

static void add_value(struct buffer *out, const json_t *value);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void add_object(struct buffer *out, const json_t *value)
{
    json_t *object = (json_t *)(uintptr_t)value;

    buffer_add_char(out, '{');
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        add_bytes(out, key, strlen(key));
        add_value(out, json_object_iter_value(at));
    }
    buffer_add_char(out, '}');
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void add_array(struct buffer *out, const json_t *value)
{
    buffer_add_char(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++)
        add_value(out, json_array_get(value, i));
    buffer_add_char(out, ']');
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void add_value(struct buffer *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(out, value);
        break;
    case JSON_ARRAY:
        add_array(out, value);
        break;
    case JSON_STRING:
        add_bytes(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        buffer_add_format(out, "#%.17g;", json_number_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        buffer_add_char(out, json_is_true(value) ? 'T' : 'F');
        break;
    case JSON_NULL:
        buffer_add_char(out, 'N');
        break;
    }
}

/* --- differences ------------------------------------------------------------------------------ */

/* Only a '-' can begin a number right behind another, and not where it belongs to an exponent. */
static bool begins_number(const struct buffer *text, size_t at)
{
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the end of the text is none of them */
    bool first = at == 0 || memchr("+-.0123456789eE", text->data[at - 1], 15) == NULL;

    return first || (text->data[at] == '-' && (text->data[at - 1] | 0x20) != 'e');
}

/* jansson refuses a number that no double can hold. RFC 8259 sets no range, and we keep numbers as
 * text. By then jansson has found the form of the number, up to `end`, to be good: a "0" takes the
 * place of what stands behind its sign. */
static void patch_number(struct buffer *text, size_t end)
{
    size_t start = end - 1;

    while (!begins_number(text, start))
        start--;
    start += text->data[start] == '-';
    memset(text->data + start, ' ', end - start);
    text->data[start] = '0';
}

/* jansson's keys end at a NUL, so it refuses \u0000 in one. The RFC allows it. */
static void patch_nuls(struct buffer *text)
{
    for (size_t i = 0; i + 6 <= text->length; i++)
        if (memcmp(text->data + i, "\\u0000", 6) == 0)
            text->data[i + 5] = '1';
}

/* jansson loses a NUL that stands behind a number. Another byte takes the place of each NUL, which
 * is just as little allowed wherever it stands. */
static void patch_bytes(struct buffer *text)
{
    for (size_t i = 0; i < text->length; i++)
        if (text->data[i] == '\0')
            text->data[i] = '\x01';
}

/* Gives the value, or NULL, when jansson has said something that is not one of the differences.
 * An integer has to fit into 64 bits for jansson, so all are read as doubles, which hold more. Our
 * depth is bounded at 64, jansson's at 2048: the caller knows the depth of the text. */
static json_t *ask(struct buffer *text, size_t flags, struct second_json *second,
                   json_error_t *error)
{
    flags |= JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    for (int i = 0; i < MAX_PATCHES; i++) {
        const char *bytes = text->length == 0 ? "" : text->data;
        json_t *value = json_loadb(bytes, text->length, flags, error);
        if (value != NULL)
            return value;
        if (json_error_code(error) == json_error_numeric_overflow)
            patch_number(text, (size_t)error->position);
        else if (json_error_code(error) == json_error_null_byte_in_key)
            patch_nuls(text);
        else
            return NULL;
        second->patched = true;
    }
    second->verdict = SECOND_UNSURE;
    return NULL;
}

/* Of repeated keys jansson keeps the last value, where we give the first: it is asked once more. */
static bool has_repeats(struct buffer *text, struct second_json *second)
{
    json_error_t error;

    json_t *value = ask(text, JSON_REJECT_DUPLICATES, second, &error);
    json_decref(value);
    return value == NULL;
}

struct second_json second_json_read(struct slice text, struct buffer *values)
{
    struct second_json second = {.verdict = SECOND_REFUSES};
    struct buffer copy = BUFFER(MAX_TEXT);
    json_error_t error;

    buffer_add_slice(&copy, text);
    assert(!copy.failed);
    patch_bytes(&copy);
    json_t *value = ask(&copy, 0, &second, &error);
    if (value != NULL) {
        second.verdict = SECOND_TAKES;
        second.repeats = has_repeats(&copy, &second);
        if (values != NULL && !second.patched)
            add_value(values, value);
    }
    json_decref(value);
    buffer_clear(&copy);
    return second;
}
