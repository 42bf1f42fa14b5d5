#include "base/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not through the log: that may need memory itself. */
static void die(size_t count, size_t size)
{
    (void)fprintf(stderr, "reelq: out of memory (%zu * %zu bytes)\n", count, size);
    abort();
}

/* The bytes to ask for: never 0, since malloc may answer that with NULL. */
static size_t total(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        die(count, size);
    return bytes == 0 ? 1 : bytes;
}

void *xcalloc(size_t count, size_t size)
{
    void *fresh = calloc(1, total(count, size));
    if (fresh == NULL)
        die(count, size);
    return fresh;
}

void *xrealloc(void *pointer, size_t count, size_t size)
{
    void *fresh = realloc(pointer, total(count, size));
    if (fresh == NULL)
        die(count, size);
    return fresh;
}

char *xstrdup(const char *text)
{
    size_t length = strlen(text) + 1;
    char *fresh = xrealloc(NULL, length, 1);
    memcpy(fresh, text, length);
    return fresh;
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    char *fresh = NULL;

    va_start(args, format);
    int length = vasprintf(&fresh, format, args);
    va_end(args);
    if (length < 0)
        die(1, strlen(format));
    return fresh;
}
