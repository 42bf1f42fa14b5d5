/* JSON, checked and read by us and by jansson: both must say the same about every text, and read
 * the same values from it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "fuzz.h"
#include "second_json.h"

enum { MAX_TEXT = 1 << 20, MAX_VALUES = 8 << 20, DEPTH = 64 };

/* Of a text that is known to be JSON. */
static unsigned depth_of(struct slice text)
{
    unsigned depth = 0, deepest = 0;
    bool string = false;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '{' || c == '['))
            depth++;
        else if (!string && (c == '}' || c == ']'))
            depth--;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* --- values, in the form of second_json ------------------------------------------------------- */

struct values {
    struct buffer out;
    bool repeats;
};

static void add_value(struct values *values, const struct json *doc, int node);

/* What is written of a string must be read as the same one. */
static void check_writing(struct slice plain)
{
    struct buffer text = BUFFER(MAX_VALUES), again = BUFFER(MAX_TEXT);
    struct json_limits limits = {MAX_VALUES, 0};
    struct json doc;

    buffer_add_char(&text, '"');
    json_escape(&text, plain);
    buffer_add_char(&text, '"');
    assert(json_parse(&doc, buffer_slice(&text), &limits, NULL));
    assert(json_string(&doc, JSON_ROOT, &again) && slice_equal(buffer_slice(&again), plain));
    json_clear(&doc);
    buffer_clear(&text);
    buffer_clear(&again);
}

static void add_string(struct values *values, struct slice raw)
{
    struct json_limits limits = {MAX_TEXT, 0};
    struct buffer plain = BUFFER(MAX_TEXT);
    struct json doc;

    assert(json_parse(&doc, raw, &limits, NULL) && json_string(&doc, JSON_ROOT, &plain));
    check_writing(buffer_slice(&plain));
    buffer_add_format(&values->out, "\"%zu:", plain.length);
    buffer_add_slice(&values->out, buffer_slice(&plain));
    json_clear(&doc);
    buffer_clear(&plain);
}

static void add_number(struct values *values, const struct json *doc, int node)
{
    char *text = slice_copy(json_raw(doc, node));
    double number = strtod(text, NULL);
    int64_t integer;

    if (json_int(doc, node, &integer))
        assert((double)integer == number);
    else
        assert(strpbrk(text, ".eE") != NULL || number >= 9e18 || number <= -9e18);
    buffer_add_format(&values->out, "#%.17g;", number);
    free(text);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void add_members(struct values *values, const struct json *doc, int node)
{
    bool object = json_type(doc, node) == JSON_OBJECT;

    if (!json_unique_keys(doc, node, NULL))
        values->repeats = true;
    buffer_add_char(&values->out, object ? '{' : '[');
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n)) {
        struct slice key = json_key(doc, n);
        if (object)
            add_string(values, slice_make(key.data - 1, key.length + 2));
        add_value(values, doc, n);
    }
    buffer_add_char(&values->out, object ? '}' : ']');
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static void add_value(struct values *values, const struct json *doc, int node)
{
    static const char words[] = {[JSON_NULL] = 'N', [JSON_BOOL] = 'F'};
    enum json_type type = json_type(doc, node);
    bool truth = false;

    assert(type != JSON_MISSING);
    if (type == JSON_OBJECT || type == JSON_ARRAY)
        add_members(values, doc, node);
    else if (type == JSON_STRING)
        add_string(values, json_raw(doc, node));
    else if (type == JSON_NUMBER)
        add_number(values, doc, node);
    else
        buffer_add_char(&values->out,
                        (char)(json_bool(doc, node, &truth) && truth ? 'T' : words[type]));
}

/* --- a document by itself --------------------------------------------------------------------- */

/* Every value is its own bytes, which are JSON too; gives the number of values and keys. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the limit lets a text be */
static size_t walk(const struct json *doc, int node, unsigned depth)
{
    struct json_limits limits = {MAX_TEXT, DEPTH - depth};
    struct slice raw = json_raw(doc, node);
    size_t tokens = 1, members = 0;
    bool object = json_type(doc, node) == JSON_OBJECT;

    assert(raw.length > 0 && raw.data >= doc->text.data &&
           raw.data + raw.length <= doc->text.data + doc->text.length);
    if (raw.length < 256)
        assert(json_check(raw, &limits, NULL, NULL));
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n)) {
        tokens += object + walk(doc, n, depth + 1);
        members++;
    }
    assert(members == json_length(doc, node));
    return tokens;
}

static void read_document(struct slice text, const struct second_json *second,
                          struct slice their_values)
{
    struct values values = {.out = BUFFER(MAX_VALUES)};
    struct json_limits limits = {MAX_TEXT, DEPTH};
    size_t tokens = 0;
    struct json doc;

    assert(json_check(text, &limits, &tokens, NULL));
    assert(json_parse(&doc, text, &limits, NULL));
    assert(walk(&doc, JSON_ROOT, 0) == (size_t)doc.count && tokens == (size_t)doc.count);
    add_value(&values, &doc, JSON_ROOT);
    assert(!values.out.failed);
    if (second->verdict == SECOND_TAKES && !second->patched) {
        assert(values.repeats == second->repeats);
        assert(values.repeats || slice_equal(buffer_slice(&values.out), their_values));
    }
    buffer_clear(&values.out);
    json_clear(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_make(data, size);
    struct json_limits limits = {MAX_TEXT, DEPTH};
    struct buffer their_values = BUFFER(MAX_VALUES);
    struct error error;

    struct second_json second = second_json_read(text, &their_values);
    bool taken = json_check(text, &limits, NULL, &error);
    if (second.verdict == SECOND_TAKES)
        assert(taken == (depth_of(text) <= DEPTH));
    if (second.verdict == SECOND_REFUSES)
        assert(!taken);
    if (taken)
        read_document(text, &second, buffer_slice(&their_values));
    else
        fuzz_expect_error(&error);
    buffer_clear(&their_values);
    return 0;
}
