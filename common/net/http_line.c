#include "net/http_line.h"

#include <string.h>

static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

static size_t plain_run(struct slice s)
{
    size_t run = 0;

    while (run < s.length && is_plain(s.data[run]))
        run++;
    return run;
}

/* A byte that is not plain, or the one after a CR. */
static enum http_line_result take_control(struct http_line *line, struct buffer *out, size_t limit,
                                          char c)
{
    if (!line->cr) {
        line->cr = c == '\r';
        return line->cr ? HTTP_LINE_MORE : HTTP_LINE_BAD;
    }
    if (c != '\n')
        return HTTP_LINE_BAD;
    line->cr = false;
    if (out->length + 2 > limit)
        return HTTP_LINE_LONG;
    buffer_add(out, "\r\n", 2);
    return HTTP_LINE_END;
}

enum http_line_result http_line_take(struct http_line *line, struct buffer *out, size_t limit,
                                     struct slice *bytes)
{
    enum http_line_result result = HTTP_LINE_MORE;

    while (bytes->length > 0 && result == HTTP_LINE_MORE) {
        size_t run = line->cr ? 0 : plain_run(*bytes);
        if (out->length + run > limit)
            return HTTP_LINE_LONG;
        buffer_add(out, bytes->data, run);
        *bytes = slice_skip(*bytes, run);
        if (bytes->length == 0)
            break;
        result = take_control(line, out, limit, bytes->data[0]);
        *bytes = slice_skip(*bytes, 1);
    }
    return result;
}

static bool is_token_byte(char c)
{
    return slice_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool http_line_is_token(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!is_token_byte(s.data[i]))
            return false;
    return s.length > 0;
}

bool http_line_split(struct slice text, struct slice *name, struct slice *value)
{
    size_t colon = slice_find(text, ':');

    if (colon == text.length || !http_line_is_token(slice_head(text, colon)))
        return false;
    *name = slice_head(text, colon);
    *value = slice_trim(slice_skip(text, colon + 1));
    return true;
}
