#include "base/json_write.h"

#include "base/utf8.h"

struct json_writer json_writer(struct buffer *out)
{
    return (struct json_writer){.out = out};
}

/* Everything that may stand behind a comma begins with this; what follows needs one before it. */
static struct buffer *begin(struct json_writer *w)
{
    if (w->comma)
        buffer_add_char(w->out, ',');
    w->comma = true;
    return w->out;
}

void json_open(struct json_writer *w, char bracket)
{
    buffer_add_char(begin(w), bracket);
    w->comma = false;
}

void json_close(struct json_writer *w, char bracket)
{
    buffer_add_char(w->out, bracket);
    w->comma = true;
}

void json_add_key(struct json_writer *w, const char *key)
{
    json_add_string(w, slice_text(key));
    buffer_add_char(w->out, ':');
    w->comma = false;
}

void json_add_string(struct json_writer *w, struct slice value)
{
    buffer_add_char(begin(w), '"');
    json_escape(w->out, value);
    buffer_add_char(w->out, '"');
}

void json_add_int(struct json_writer *w, int64_t value)
{
    struct buffer *out = begin(w);

    if (value < 0)
        buffer_add_char(out, '-');
    buffer_add_number(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_add_bool(struct json_writer *w, bool value)
{
    buffer_add_text(begin(w), value ? "true" : "false");
}

void json_add_null(struct json_writer *w)
{
    buffer_add_text(begin(w), "null");
}

void json_add_raw(struct json_writer *w, struct slice raw)
{
    if (raw.length == 0)
        json_add_null(w);
    else
        buffer_add_slice(begin(w), raw);
}

void json_key_string(struct json_writer *w, const char *key, const char *value)
{
    json_add_key(w, key);
    if (value == NULL)
        json_add_null(w);
    else
        json_add_string(w, slice_text(value));
}

void json_key_slice(struct json_writer *w, const char *key, struct slice value)
{
    json_add_key(w, key);
    json_add_string(w, value);
}

void json_key_int(struct json_writer *w, const char *key, int64_t value)
{
    json_add_key(w, key);
    json_add_int(w, value);
}

void json_key_bool(struct json_writer *w, const char *key, bool value)
{
    json_add_key(w, key);
    json_add_bool(w, value);
}

void json_key_raw(struct json_writer *w, const char *key, struct slice raw)
{
    json_add_key(w, key);
    json_add_raw(w, raw);
}

/* --- escaping --------------------------------------------------------------------------------- */

static const char *const short_escapes[0x80] = {
    ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n",  ['\r'] = "\\r",
    ['\t'] = "\\t", ['"'] = "\\\"", ['\\'] = "\\\\",
};

/* Length of the longest head that can be copied as it is. */
static size_t plain_length(struct slice text)
{
    size_t at = 0;

    while (at < text.length) {
        unsigned char c = (unsigned char)text.data[at];
        size_t length = c < 0x80 ? 1 : utf8_sequence(slice_skip(text, at));
        if (c < 0x20 || c == '"' || c == '\\' || length == 0)
            break;
        at += length;
    }
    return at;
}

static void add_escaped(struct buffer *out, unsigned char c)
{
    if (c >= 0x80)
        buffer_add_text(out, "\xef\xbf\xbd"); // U+FFFD, for a byte that is not UTF-8
    else if (short_escapes[c] != NULL)
        buffer_add_text(out, short_escapes[c]);
    else
        buffer_add_format(out, "\\u%04x", c);
}

void json_escape(struct buffer *out, struct slice text)
{
    while (text.length > 0) {
        size_t plain = plain_length(text);
        buffer_add(out, text.data, plain);
        text = slice_skip(text, plain);
        if (text.length > 0) {
            add_escaped(out, (unsigned char)text.data[0]);
            text = slice_skip(text, 1);
        }
    }
}
