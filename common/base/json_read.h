/* json_read - look into a JSON text: strict check first, then jsmn, then typed getters.
 * Nodes are small integers; JSON_NONE stands for "not there" and is accepted by every getter, which
 * then says no. Slices point into the parsed text, which must outlive the document. */
#ifndef REELQ_JSON_READ_H
#define REELQ_JSON_READ_H

#include "base/buffer.h"
#include "base/json_check.h"

struct json_token; /* jsmn's token, hidden so that jsmn is compiled in one place only */

struct json {
    struct slice text;
    struct json_token *tokens;
    int count;
};

#define JSON_NONE (-1)
#define JSON_ROOT 0

enum json_type {
    JSON_MISSING,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

/* Checks and parses `text` (limits->max_bytes at most INT_MAX). After false nothing needs clearing.
 */
MUST_USE bool json_parse(struct json *doc, struct slice text, const struct json_limits *limits,
                         struct error *error);
void json_clear(struct json *doc);

enum json_type json_type(const struct json *doc, int node);

/* "an object", "a string", ... for error messages. */
const char *json_type_name(enum json_type type);

/* The value of `key` in the object `node` (escaped keys are compared unescaped; the first of
 * repeated keys). JSON_NONE when it is not there or `node` is no object. */
int json_get(const struct json *doc, int node, const char *key);

/* Members of an array or object in their order: first, then next until JSON_NONE. For an object
 * these are the values; json_key() gives the name that stands before one (raw, without quotes). */
int json_first(const struct json *doc, int node);
int json_next(const struct json *doc, int node);
struct slice json_key(const struct json *doc, int node);

/* True for the value of a member whose key equals `text` when it is unescaped. */
bool json_key_is(const struct json *doc, int node, const char *text);

size_t json_length(const struct json *doc, int node);

/* The exact bytes of a value; a string with its quotes. Empty for JSON_NONE. */
struct slice json_raw(const struct json *doc, int node);

/* Appends the unescaped string. False when the node is no string. May append NUL for \u0000. */
bool json_string(const struct json *doc, int node, struct buffer *out);

/* True for a string that equals `text` when it is unescaped. */
bool json_string_is(const struct json *doc, int node, const char *text);

/* True only for the JSON booleans. */
bool json_bool(const struct json *doc, int node, bool *value);

/* An integer without fraction and exponent that fits. False for anything else. */
bool json_int(const struct json *doc, int node, int64_t *value);

/* False when a key of the object `node` stands twice; the error is `"KEY" is given twice`. */
MUST_USE bool json_unique_keys(const struct json *doc, int node, struct error *error);

#endif
