#include "base/json_check.h"

#include <assert.h>

#include "base/utf8.h"

/* Recursive descent, one function per rule of RFC 8259; the recursion is bounded by the depth
 * limit. Each function begins on the first byte of what it checks and ends behind the last one. */

enum { DEPTH_MAX = 64 };

struct checker {
    struct slice text;
    size_t at;
    unsigned depth, max_depth;
    size_t tokens;
    struct error *error;
};

static bool check_value(struct checker *c);

/* The byte to look at, -1 at the end. */
static int peek(const struct checker *c)
{
    return c->at < c->text.length ? (unsigned char)c->text.data[c->at] : -1;
}

static bool unexpected(const struct checker *c)
{
    int byte = peek(c);
    if (byte == -1)
        return error_set(c->error, "unexpected end at byte %zu", c->at);
    if (byte <= 0x20 || byte >= 0x7f)
        return error_set(c->error, "unexpected byte 0x%02x at byte %zu", (unsigned)byte, c->at);
    return error_set(c->error, "unexpected '%c' at byte %zu", byte, c->at);
}

static void skip_space(struct checker *c)
{
    for (;;) {
        int byte = peek(c);
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return;
        c->at++;
    }
}

static bool check_byte(struct checker *c, char wanted)
{
    if (peek(c) != wanted)
        return unexpected(c);
    c->at++;
    return true;
}

static bool check_word(struct checker *c, const char *word)
{
    for (; *word != '\0'; word++)
        if (!check_byte(c, *word))
            return false;
    return true;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool check_digits(struct checker *c)
{
    if (!is_digit(peek(c)))
        return unexpected(c);
    while (is_digit(peek(c)))
        c->at++;
    return true;
}

static bool check_number(struct checker *c)
{
    if (peek(c) == '-')
        c->at++;
    if (peek(c) == '0')
        c->at++; // a digit after it is then unexpected: no leading zeros
    else if (!check_digits(c))
        return false;
    if (peek(c) == '.') {
        c->at++;
        if (!check_digits(c))
            return false;
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        c->at++;
        if (peek(c) == '+' || peek(c) == '-')
            c->at++;
        return check_digits(c);
    }
    return true;
}

static int hex_value(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool check_hex4(struct checker *c, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(peek(c));
        if (digit == -1)
            return unexpected(c);
        *code = *code * 16 + (unsigned)digit;
        c->at++;
    }
    return true;
}

/* Begins behind the `\u`. */
static bool check_unicode(struct checker *c)
{
    size_t start = c->at - 2;
    unsigned code, low;

    if (!check_hex4(c, &code))
        return false;
    if (code < 0xd800 || code > 0xdfff)
        return true;
    if (code > 0xdbff || !slice_starts_with(slice_skip(c->text, c->at), "\\u"))
        return error_set(c->error, "lone surrogate at byte %zu", start);
    c->at += 2;
    if (!check_hex4(c, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff)
        return error_set(c->error, "lone surrogate at byte %zu", start);
    return true;
}

/* Begins behind the backslash. */
static bool check_escape(struct checker *c)
{
    int byte = peek(c);

    if (byte == -1 || slice_find(slice_text("\"\\/bfnrtu"), (char)byte) == 9)
        return unexpected(c);
    c->at++;
    return byte == 'u' ? check_unicode(c) : true;
}

static bool check_character(struct checker *c)
{
    int byte = peek(c);

    if (byte == '\\') {
        c->at++;
        return check_escape(c);
    }
    if (byte < 0x20)
        return byte == -1 ? unexpected(c)
                          : error_set(c->error, "control byte 0x%02x in a string at byte %zu",
                                      (unsigned)byte, c->at);
    size_t length = byte < 0x80 ? 1 : utf8_sequence(slice_skip(c->text, c->at));
    if (length == 0)
        return error_set(c->error, "invalid UTF-8 at byte %zu", c->at);
    c->at += length;
    return true;
}

static bool check_string(struct checker *c)
{
    c->at++;
    while (peek(c) != '"')
        if (!check_character(c))
            return false;
    c->at++;
    return true;
}

static bool check_member(struct checker *c)
{
    if (peek(c) != '"')
        return unexpected(c);
    c->tokens++;
    if (!check_string(c))
        return false;
    skip_space(c);
    if (!check_byte(c, ':'))
        return false;
    skip_space(c);
    return check_value(c);
}

/* An array or object: `member` checks one element up to the comma or the closing bracket. */
static bool check_members(struct checker *c, char close, bool (*member)(struct checker *))
{
    if (c->depth == c->max_depth)
        return error_set(c->error, "nested deeper than %u levels at byte %zu", c->max_depth, c->at);
    c->depth++;
    c->at++;
    skip_space(c);
    if (peek(c) != close) {
        for (;;) {
            if (!member(c))
                return false;
            skip_space(c);
            if (peek(c) != ',')
                break;
            c->at++;
            skip_space(c);
        }
    }
    c->depth--;
    return check_byte(c, close);
}

static bool check_value(struct checker *c)
{
    c->tokens++;
    switch (peek(c)) {
    case '{':
        return check_members(c, '}', check_member);
    case '[':
        return check_members(c, ']', check_value);
    case '"':
        return check_string(c);
    case 't':
        return check_word(c, "true");
    case 'f':
        return check_word(c, "false");
    case 'n':
        return check_word(c, "null");
    default:
        if (peek(c) == '-' || is_digit(peek(c)))
            return check_number(c);
        return unexpected(c);
    }
}

bool json_check(struct slice text, const struct json_limits *limits, size_t *tokens,
                struct error *error)
{
    struct checker c = {.text = text, .max_depth = limits->max_depth, .error = error};

    assert(limits->max_depth <= DEPTH_MAX);
    if (text.length > limits->max_bytes)
        return error_set(error, "longer than %zu bytes", limits->max_bytes);
    skip_space(&c);
    if (!check_value(&c))
        return false;
    skip_space(&c);
    if (c.at != text.length)
        return unexpected(&c);
    if (tokens != NULL)
        *tokens = c.tokens;
    return true;
}
