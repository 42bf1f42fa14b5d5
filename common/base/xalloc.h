/* xalloc - allocation that cannot fail: running out of memory prints a line and aborts. */
#ifndef REELQ_XALLOC_H
#define REELQ_XALLOC_H

#include <stddef.h>

/* `count` elements of `size` bytes, zeroed. Never NULL, also for zero bytes. */
void *xcalloc(size_t count, size_t size);

/* Resizes `pointer` (may be NULL) to `count` elements of `size` bytes; new bytes are undefined. */
void *xrealloc(void *pointer, size_t count, size_t size);

/* A copy of the NUL-terminated `text`; the caller frees it. */
char *xstrdup(const char *text);

/* printf into fresh memory; the caller frees it. */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
