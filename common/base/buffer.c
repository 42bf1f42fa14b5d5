#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer)BUFFER(maximum);
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->maximum);
}

void buffer_reset(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

/* Makes room for `length` more bytes and the NUL; false when they don't fit. */
static bool reserve(struct buffer *buffer, size_t length)
{
    assert(buffer->maximum < SIZE_MAX / 2);
    if (buffer->failed || length > buffer->maximum - buffer->length) {
        buffer->failed = true;
        return false;
    }
    size_t need = buffer->length + length + 1;
    if (need <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buffer->capacity * 2;
    if (capacity > buffer->maximum + 1)
        capacity = buffer->maximum + 1;
    if (capacity < need)
        capacity = need;
    buffer->data = xrealloc(buffer->data, capacity, 1);
    buffer->capacity = capacity;
    return true;
}

static void grow(struct buffer *buffer, size_t length)
{
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_add(struct buffer *buffer, const void *data, size_t length)
{
    if (!reserve(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->data + buffer->length, data, length);
    grow(buffer, length);
}

void buffer_add_slice(struct buffer *buffer, struct slice s)
{
    buffer_add(buffer, s.data, s.length);
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    buffer_add(buffer, &c, 1);
}

char *buffer_digits(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

void buffer_add_number(struct buffer *buffer, uint64_t number)
{
    char digits[BUFFER_MAX_DIGITS], *end = digits + sizeof(digits);
    const char *first = buffer_digits(end, number);

    buffer_add(buffer, first, (size_t)(end - first));
}

static size_t free_room(const struct buffer *buffer)
{
    assert(buffer->data != NULL || buffer->capacity == 0);
    return buffer->failed ? 0 : buffer->capacity - buffer->length;
}

/* Most of what is printed fits into the room that there is: then once is enough. */
void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
    size_t room = free_room(buffer);
    char *end = room == 0 ? NULL : buffer->data + buffer->length;
    va_list args;

    va_start(args, format);
    int length = vsnprintf(end, room, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= room) {
        if (end != NULL)
            *end = '\0';
        buffer->failed |= length < 0;
        if (!reserve(buffer, length < 0 ? 0 : (size_t)length))
            return;
        va_start(args, format);
        (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, args);
        va_end(args);
    }
    grow(buffer, (size_t)length);
}

void buffer_drop(struct buffer *buffer, size_t length)
{
    if (length >= buffer->length)
        length = buffer->length;
    if (length == 0)
        return;
    buffer->length -= length;
    memmove(buffer->data, buffer->data + length, buffer->length + 1);
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return slice_make(buffer_text(buffer), buffer->length);
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data == NULL ? "" : buffer->data;
}

char *buffer_take(struct buffer *buffer)
{
    char *taken = buffer->data == NULL ? xstrdup("") : buffer->data;
    buffer_init(buffer, buffer->maximum);
    return taken;
}
