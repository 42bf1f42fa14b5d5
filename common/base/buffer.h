/* buffer - growable bytes with a mandatory maximum and a sticky failure flag.
 * Add many pieces, then look at `failed` once: a piece that does not fit sets it, and adds nothing;
 * so does everything that is added after it. */
#ifndef REELQ_BUFFER_H
#define REELQ_BUFFER_H

#include "base/slice.h"

struct buffer {
    char *data; /* always NUL-terminated once anything was added */
    size_t length;
    size_t capacity;
    size_t maximum; /* bytes of content, without the NUL */
    bool failed;
};

/* Static initialiser: `struct buffer b = BUFFER(4096);` */
#define BUFFER(max)                                                                                \
    {                                                                                              \
        .maximum = (max)                                                                           \
    }

void buffer_init(struct buffer *buffer, size_t maximum);

/* Frees the memory, forgets failure; the buffer can be used again with the same maximum. */
void buffer_clear(struct buffer *buffer);

/* Forgets content and failure, keeps the memory. */
void buffer_reset(struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *data, size_t length);
void buffer_add_slice(struct buffer *buffer, struct slice s);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_add_number(struct buffer *buffer, uint64_t number); /* decimal */
void buffer_add_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the decimal digits of a number right before `end`, where there is room for
 * BUFFER_MAX_DIGITS; gives the first. For what is put together before it is added. */
enum { BUFFER_MAX_DIGITS = 20 };
char *buffer_digits(char *end, uint64_t number);

/* Drops the first `length` bytes (clamped). */
void buffer_drop(struct buffer *buffer, size_t length);

/* The content; valid until the buffer changes. */
struct slice buffer_slice(const struct buffer *buffer);

/* The content as a NUL-terminated string ("" when empty); valid until the buffer changes. */
const char *buffer_text(const struct buffer *buffer);

/* Hands the NUL-terminated content to the caller, who frees it; the buffer is empty after. */
char *buffer_take(struct buffer *buffer);

#endif
