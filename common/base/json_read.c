#include "base/json_read.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* jsmn alone takes much that is not JSON, and deep nesting costs it quadratic time. Both are dealt
 * with before it runs: json_check() has accepted the text, bounded its depth and counted its
 * tokens. Parent links make breadth linear. */
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#define JSMN_STATIC
#include <jsmn.h>

#include "base/utf8.h"
#include "base/xalloc.h"

struct json_token {
    jsmntok_t jsmn;
};

_Static_assert(sizeof(struct json_token) == sizeof(jsmntok_t), "jsmn fills an array of these");

static const char *const type_names[] = {
    [JSON_MISSING] = "nothing",  [JSON_NULL] = "null",       [JSON_BOOL] = "a boolean",
    [JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
    [JSON_OBJECT] = "an object",
};

/* jsmn in strict mode wants a bracket around numbers and words. */
static int parse_bare(struct slice text, jsmntok_t *token)
{
    struct slice value = slice_trim(text);
    int start = (int)(value.data - text.data);

    *token = (jsmntok_t){JSMN_PRIMITIVE, start, start + (int)value.length, 0, -1};
    return 1;
}

static int parse_with_jsmn(struct slice text, jsmntok_t *tokens, size_t count)
{
    jsmn_parser parser;
    char first = slice_trim(text).data[0];

    if (first != '{' && first != '[' && first != '"')
        return parse_bare(text, tokens);
    jsmn_init(&parser);
    return jsmn_parse(&parser, text.data, text.length, tokens, (unsigned)count);
}

bool json_parse(struct json *doc, struct slice text, const struct json_limits *limits,
                struct error *error)
{
    size_t tokens;

    assert(limits->max_bytes <= INT_MAX);
    if (!json_check(text, limits, &tokens, error))
        return false;
    doc->text = text;
    doc->tokens = xcalloc(tokens, sizeof(*doc->tokens));
    doc->count = parse_with_jsmn(text, &doc->tokens->jsmn, tokens);
    if (doc->count < 1) {
        json_clear(doc);
        return error_set(error, "not readable as JSON");
    }
    return true;
}

void json_clear(struct json *doc)
{
    free(doc->tokens);
    *doc = (struct json){.tokens = NULL};
}

/* NULL for JSON_NONE. */
static const jsmntok_t *token_at(const struct json *doc, int node)
{
    return node < 0 || node >= doc->count ? NULL : &doc->tokens[node].jsmn;
}

enum json_type json_type(const struct json *doc, int node)
{
    static const enum json_type types[] = {
        [JSMN_UNDEFINED] = JSON_MISSING, [JSMN_OBJECT] = JSON_OBJECT,    [JSMN_ARRAY] = JSON_ARRAY,
        [JSMN_STRING] = JSON_STRING,     [JSMN_PRIMITIVE] = JSON_NUMBER,
    };
    const jsmntok_t *token = token_at(doc, node);

    if (token == NULL)
        return JSON_MISSING;
    char first = doc->text.data[token->start];
    if (token->type == JSMN_PRIMITIVE && first == 'n')
        return JSON_NULL;
    if (token->type == JSMN_PRIMITIVE && (first == 't' || first == 'f'))
        return JSON_BOOL;
    return types[token->type];
}

const char *json_type_name(enum json_type type)
{
    return type_names[type];
}

/* The bytes of a token; of a string those between the quotes. */
static struct slice inside(const struct json *doc, int node)
{
    const jsmntok_t *token = token_at(doc, node);

    if (token == NULL)
        return slice_make(NULL, 0);
    return slice_make(doc->text.data + token->start, (size_t)(token->end - token->start));
}

struct slice json_raw(const struct json *doc, int node)
{
    struct slice raw = inside(doc, node);
    if (json_type(doc, node) == JSON_STRING)
        raw = slice_make(raw.data - 1, raw.length + 2);
    return raw;
}

/* --- walking ---------------------------------------------------------------------------------- */

/* The first token behind `node` and everything in it. Tokens stand in the order of their starts, so
 * it is searched for: in steps that double, then by halving. */
static int after(const struct json *doc, int node)
{
    if (doc->tokens[node].jsmn.size == 0)
        return node + 1;
    int end = doc->tokens[node].jsmn.end;
    int inner = node, outer = node + 1, step = 1;

    while (outer < doc->count && doc->tokens[outer].jsmn.start < end) {
        inner = outer;
        outer = doc->count - outer > step ? outer + step : doc->count;
        step = step > INT_MAX / 2 ? step : step * 2;
    }
    while (outer - inner > 1) {
        int middle = inner + (outer - inner) / 2;
        if (doc->tokens[middle].jsmn.start < end)
            inner = middle;
        else
            outer = middle;
    }
    return outer;
}

/* The key in front of a value in an object; JSON_NONE for elements and the root. */
static int key_of(const struct json *doc, int node)
{
    const jsmntok_t *token = token_at(doc, node);

    if (token == NULL || token->parent < 0)
        return JSON_NONE;
    return doc->tokens[token->parent].jsmn.type == JSMN_STRING ? token->parent : JSON_NONE;
}

int json_first(const struct json *doc, int node)
{
    const jsmntok_t *token = token_at(doc, node);

    if (token == NULL || token->size == 0)
        return JSON_NONE;
    if (token->type == JSMN_OBJECT)
        return node + 2;
    return token->type == JSMN_ARRAY ? node + 1 : JSON_NONE;
}

int json_next(const struct json *doc, int node)
{
    if (token_at(doc, node) == NULL)
        return JSON_NONE;
    int key = key_of(doc, node);
    int container = doc->tokens[key == JSON_NONE ? node : key].jsmn.parent;
    int next = after(doc, node);
    if (container < 0 || next >= doc->count || doc->tokens[next].jsmn.parent != container)
        return JSON_NONE;
    return key == JSON_NONE ? next : next + 1;
}

struct slice json_key(const struct json *doc, int node)
{
    return inside(doc, key_of(doc, node));
}

size_t json_length(const struct json *doc, int node)
{
    enum json_type type = json_type(doc, node);
    return type == JSON_ARRAY || type == JSON_OBJECT ? (size_t)doc->tokens[node].jsmn.size : 0;
}

/* --- strings ---------------------------------------------------------------------------------- */

/* The four digits of a \uXXXX, known to be hex. */
static uint32_t hex4(const char *digits)
{
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = (unsigned char)digits[i];
        code = code * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return code;
}

/* Appends what the escape at the head of `s` stands for; gives its length in the text. */
static size_t add_escape(struct buffer *out, struct slice s)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";

    if (s.data[1] != 'u') {
        buffer_add_char(out, meanings[strchr(letters, s.data[1]) - letters]);
        return 2;
    }
    uint32_t code = hex4(s.data + 2);
    bool pair = code >= 0xd800 && code <= 0xdbff;
    if (pair)
        code = 0x10000 + ((code - 0xd800) << 10) + (hex4(s.data + 8) - 0xdc00);
    char bytes[4];
    buffer_add(out, bytes, utf8_encode(code, bytes));
    return pair ? 12 : 6;
}

static void unescape(struct buffer *out, struct slice s)
{
    while (s.length > 0) {
        size_t plain = slice_find(s, '\\');
        buffer_add(out, s.data, plain);
        s = slice_skip(s, plain);
        if (s.length > 0)
            s = slice_skip(s, add_escape(out, s));
    }
}

/* Unescaping makes no text longer. Most are told apart by their first byte. */
static bool equals_unescaped(struct slice raw, const char *text)
{
    if (raw.length == 0 || (raw.data[0] != text[0] && raw.data[0] != '\\'))
        return raw.length == 0 && text[0] == '\0';
    if (slice_find(raw, '\\') == raw.length)
        return slice_is(raw, text);
    struct buffer plain = BUFFER(raw.length);
    unescape(&plain, raw);
    bool equal = slice_is(buffer_slice(&plain), text);
    buffer_clear(&plain);
    return equal;
}

bool json_key_is(const struct json *doc, int node, const char *text)
{
    return key_of(doc, node) != JSON_NONE && equals_unescaped(json_key(doc, node), text);
}

int json_get(const struct json *doc, int node, const char *key)
{
    if (json_type(doc, node) != JSON_OBJECT)
        return JSON_NONE;
    for (int value = json_first(doc, node); value != JSON_NONE; value = json_next(doc, value))
        if (json_key_is(doc, value, key))
            return value;
    return JSON_NONE;
}

bool json_string(const struct json *doc, int node, struct buffer *out)
{
    if (json_type(doc, node) != JSON_STRING)
        return false;
    unescape(out, inside(doc, node));
    return true;
}

bool json_string_is(const struct json *doc, int node, const char *text)
{
    return json_type(doc, node) == JSON_STRING && equals_unescaped(inside(doc, node), text);
}

/* --- words and numbers ------------------------------------------------------------------------ */

bool json_bool(const struct json *doc, int node, bool *value)
{
    if (json_type(doc, node) != JSON_BOOL)
        return false;
    *value = doc->text.data[doc->tokens[node].jsmn.start] == 't';
    return true;
}

bool json_int(const struct json *doc, int node, int64_t *value)
{
    struct slice digits = inside(doc, node);
    bool negative = slice_starts_with(digits, "-");
    uint64_t magnitude;

    if (json_type(doc, node) != JSON_NUMBER ||
        !slice_to_u64(slice_skip(digits, negative), &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

/* --- repeated keys ---------------------------------------------------------------------------- */

struct key {
    struct slice text; /* unescaped */
    char *owned;       /* its memory, where it is not a part of the document */
};

static struct key key_make(struct slice raw)
{
    if (slice_find(raw, '\\') == raw.length)
        return (struct key){.text = raw};
    struct buffer plain = BUFFER(raw.length);
    unescape(&plain, raw);
    size_t length = plain.length;
    char *owned = buffer_take(&plain);
    return (struct key){.text = slice_make(owned, length), .owned = owned};
}

static int key_compare(const void *left, const void *right)
{
    const struct slice a = ((const struct key *)left)->text, b = ((const struct key *)right)->text;

    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return a.length == 0 ? 0 : memcmp(a.data, b.data, a.length);
}

bool json_unique_keys(const struct json *doc, int node, struct error *error)
{
    size_t length = json_length(doc, node), count = 0;
    bool unique = true;

    if (json_type(doc, node) != JSON_OBJECT || length < 2)
        return true;
    struct key *keys = xcalloc(length, sizeof(*keys));
    for (int value = json_first(doc, node); value != JSON_NONE; value = json_next(doc, value))
        keys[count++] = key_make(json_key(doc, value));
    qsort(keys, count, sizeof(*keys), key_compare);
    for (size_t i = 1; i < count && unique; i++)
        if (slice_equal(keys[i - 1].text, keys[i].text)) {
            struct slice shown = utf8_head(keys[i].text, 64);
            unique = error_set(error, "\"%.*s\" is given twice", SLICE_ARGS(shown));
        }
    for (size_t i = 0; i < count; i++)
        free(keys[i].owned);
    free(keys);
    return unique;
}
