/* json_write - append JSON to a buffer; commas are put in by the writer. Output is compact.
 *     struct json_writer w = json_writer(&buffer);
 *     json_open(&w, '{'); json_key_string(&w, "id", id); json_close(&w, '}');
 * Without the outer braces the same calls make a fragment: `"id":"x","n":1`. */
#ifndef REELQ_JSON_WRITE_H
#define REELQ_JSON_WRITE_H

#include "base/buffer.h"

struct json_writer {
    struct buffer *out;
    bool comma; /* the next member needs a comma before it */
};

struct json_writer json_writer(struct buffer *out);

/* '{' or '['; and the matching '}' or ']'. */
void json_open(struct json_writer *w, char bracket);
void json_close(struct json_writer *w, char bracket);

void json_add_key(struct json_writer *w, const char *key);
void json_add_string(struct json_writer *w, struct slice value);
void json_add_int(struct json_writer *w, int64_t value);
void json_add_bool(struct json_writer *w, bool value);
void json_add_null(struct json_writer *w);

/* `raw` must be valid JSON, appended byte for byte; the empty slice is written as null. */
void json_add_raw(struct json_writer *w, struct slice raw);

/* Key and value in one call. json_key_string() writes a NULL value as null. */
void json_key_string(struct json_writer *w, const char *key, const char *value);
void json_key_slice(struct json_writer *w, const char *key, struct slice value);
void json_key_int(struct json_writer *w, const char *key, int64_t value);
void json_key_bool(struct json_writer *w, const char *key, bool value);
void json_key_raw(struct json_writer *w, const char *key, struct slice raw);

/* Appends `text` as the inside of a JSON string: `"`, `\` and bytes below 0x20 escaped, invalid
 * UTF-8 replaced by U+FFFD, the rest as it is. */
void json_escape(struct buffer *out, struct slice text);

#endif
