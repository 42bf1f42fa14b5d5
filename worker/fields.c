#include "worker/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { SHOWN = 64, LONGEST_NAME = 24 };

bool fields_among(struct slice word, const char *words)
{
    struct slice rest = slice_text(words);

    while (rest.length > 0) {
        size_t end = slice_find(rest, ',');
        if (slice_equal(slice_head(rest, end), word))
            return true;
        rest = slice_skip(rest, end + 2);
    }
    return false;
}

char *fields_text(const struct json *doc, int node, const char *key)
{
    int value = json_get(doc, node, key);
    struct buffer text = BUFFER(json_raw(doc, value).length);

    if (!json_string(doc, value, &text) || slice_find(buffer_slice(&text), '\0') < text.length) {
        buffer_clear(&text);
        return NULL;
    }
    return buffer_take(&text);
}

/* --- did you mean ----------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Letters added, dropped, changed or swapped with their neighbour on the way from `a` to `b`; both
 * at most LONGEST_NAME long. */
static size_t distance(struct slice a, struct slice b)
{
    size_t cost[LONGEST_NAME + 1][LONGEST_NAME + 1];

    for (size_t i = 0; i <= a.length; i++) {
        for (size_t j = 0; j <= b.length; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            char p = lower(a.data[i - 1]), q = lower(b.data[j - 1]);
            size_t best = cost[i - 1][j - 1] + (p != q);
            best = least(best, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && p == lower(b.data[j - 2]) && q == lower(a.data[i - 2]))
                best = least(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[a.length][b.length];
}

/* The name of the table that `key` was probably meant to be; NULL when none is near. */
static const char *nearest(const struct fields *fields, struct slice key)
{
    const char *found = NULL;
    size_t best = key.length <= 3 ? 2 : 3;

    if (key.length > LONGEST_NAME)
        return NULL;
    for (size_t i = 0; i < fields->count; i++) {
        struct slice name = slice_text(fields->list[i].name);
        size_t steps = name.length <= LONGEST_NAME ? distance(key, name) : best;
        if (steps >= best)
            continue;
        best = steps;
        found = fields->list[i].name;
    }
    return found;
}

static bool unknown(const struct fields *fields, struct slice key, struct error *error)
{
    const char *near = nearest(fields, key);
    struct slice shown = utf8_head(key, SHOWN);
    const char *ask = near == NULL ? "" : " (did you mean \"";
    const char *end = near == NULL ? "" : "\"?)";

    if (near == NULL)
        near = "";
    if (fields->nested)
        return error_set(error, ".%.*s: unknown option%s%s%s", SLICE_ARGS(shown), ask, near, end);
    return error_set(error, "unknown field \"%.*s\"%s%s%s", SLICE_ARGS(shown), ask, near, end);
}

/* --- one member ------------------------------------------------------------------------------- */

typedef bool (*check_fn)(const struct json *doc, int node, const struct field *field,
                         struct error *error);

static bool check_any(const struct json *doc, int node, const struct field *field,
                      struct error *error)
{
    size_t length = json_raw(doc, node).length;

    if (field->max > 0 && length > (size_t)field->max)
        return error_set(error, "is %zu bytes: at most %lld are allowed", length,
                         (long long)field->max);
    return true;
}

static bool check_number(const struct json *doc, int node, const struct field *field,
                         struct error *error)
{
    int64_t value;

    if (!json_int(doc, node, &value) || value < field->min || value > field->max)
        return error_set(error, "must be a whole number from %lld to %lld", (long long)field->min,
                         (long long)field->max);
    return true;
}

static bool check_bytes(struct slice text, const struct field *field, struct error *error)
{
    if (slice_find(text, '\0') < text.length)
        return error_set(error, "must not contain a NUL");
    if (field->words != NULL && !fields_among(text, field->words))
        return error_set(error, "must be one of: %s", field->words);
    if (field->valid != NULL && !field->valid(text))
        return error_set(error, "%s", field->rule);
    if (field->max == 0)
        return true;
    if (text.length < (size_t)field->min)
        return error_set(error, "must not be empty");
    if (text.length > (size_t)field->max)
        return error_set(error, "is %zu bytes: at most %lld are allowed", text.length,
                         (long long)field->max);
    return true;
}

static bool check_string(const struct json *doc, int node, const struct field *field,
                         struct error *error)
{
    struct buffer text = BUFFER(json_raw(doc, node).length);

    bool good = json_string(doc, node, &text) && check_bytes(buffer_slice(&text), field, error);
    buffer_clear(&text);
    return good;
}

static bool check_array(const struct json *doc, int node, const struct field *field,
                        struct error *error)
{
    size_t length = json_length(doc, node);

    if (field->max > 0 && length > (size_t)field->max)
        return error_set(error, "has %zu entries: at most %lld are allowed", length,
                         (long long)field->max);
    return true;
}

static bool check_object(const struct json *doc, int node, const struct field *field,
                         struct error *error)
{
    (void)field;
    return json_unique_keys(doc, node, error);
}

static const check_fn checks[] = {
    [JSON_MISSING] = check_any, [JSON_NUMBER] = check_number, [JSON_STRING] = check_string,
    [JSON_ARRAY] = check_array, [JSON_OBJECT] = check_object, [JSON_BOOL] = check_any,
};

/* By value: a key may be spelled with escapes. */
static const struct field *field_of(const struct json *doc, int member, const struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (json_key_is(doc, member, fields->list[i].name))
            return &fields->list[i];
    return NULL;
}

static bool check_type(const struct json *doc, int node, const struct field *field,
                       struct error *error)
{
    enum json_type type = json_type(doc, node);

    if (field->type != JSON_MISSING && type != field->type)
        return error_set(error, "must be %s, is %s", json_type_name(field->type),
                         json_type_name(type));
    return checks[field->type](doc, node, field, error);
}

static bool check_members(const struct json *doc, int object, const struct fields *fields,
                          struct error *error)
{
    const char *dot = fields->nested ? "." : "";

    for (int n = json_first(doc, object); n != JSON_NONE; n = json_next(doc, n)) {
        const struct field *field = field_of(doc, n, fields);
        if (field == NULL)
            return unknown(fields, json_key(doc, n), error);
        if (!check_type(doc, n, field, error))
            return error_prefix(error, "%s%s", dot, field->name);
    }
    return true;
}

bool fields_check(const struct json *doc, int node, const struct fields *fields,
                  struct error *error)
{
    const char *dot = fields->nested ? "." : "";

    if (!json_unique_keys(doc, node, error))
        return fields->nested ? error_prefix(error, "%s", "") : false;
    if (!check_members(doc, node, fields, error))
        return false;
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->list[i];
        if (field->required && json_get(doc, node, field->name) == JSON_NONE)
            return error_set(error, "%s%s: is missing", dot, field->name);
    }
    return true;
}
