#include "base/slice.h"

#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

struct slice slice_make(const void *data, size_t length)
{
    return (struct slice){.data = data, .length = length};
}

struct slice slice_text(const char *text)
{
    return slice_make(text, text == NULL ? 0 : strlen(text));
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool slice_is(struct slice s, const char *text)
{
    return slice_equal(s, slice_text(text));
}

bool slice_starts_with(struct slice s, const char *prefix)
{
    return slice_is(slice_head(s, strlen(prefix)), prefix);
}

/* Of ASCII letters only: the locale must not matter. */
static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool slice_is_nocase(struct slice s, const char *text)
{
    if (s.length != strlen(text))
        return false;
    for (size_t i = 0; i < s.length; i++)
        if (lower(s.data[i]) != lower(text[i]))
            return false;
    return true;
}

bool slice_contains_nocase(struct slice s, const char *needle)
{
    size_t length = strlen(needle);

    for (size_t i = 0; i + length <= s.length; i++)
        if (slice_is_nocase(slice_head(slice_skip(s, i), length), needle))
            return true;
    return false;
}

size_t slice_find(struct slice s, char byte)
{
    const char *found = s.length == 0 ? NULL : memchr(s.data, byte, s.length);
    return found == NULL ? s.length : (size_t)(found - s.data);
}

struct slice slice_skip(struct slice s, size_t offset)
{
    if (offset >= s.length)
        offset = s.length;
    return slice_make(offset == 0 ? s.data : s.data + offset, s.length - offset);
}

struct slice slice_head(struct slice s, size_t length)
{
    return slice_make(s.data, length < s.length ? length : s.length);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
    while (s.length > 0 && is_space(s.data[0]))
        s = slice_skip(s, 1);
    while (s.length > 0 && is_space(s.data[s.length - 1]))
        s.length--;
    return s;
}

bool slice_to_u64(struct slice s, uint64_t *value)
{
    uint64_t sum = 0;

    if (s.length == 0)
        return false;
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10U, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(s.data[i] - '0'), &sum))
            return false;
    }
    *value = sum;
    return true;
}

char *slice_copy(struct slice s)
{
    char *copy = xrealloc(NULL, s.length + 1, 1);
    if (s.length > 0)
        memcpy(copy, s.data, s.length);
    copy[s.length] = '\0';
    return copy;
}
