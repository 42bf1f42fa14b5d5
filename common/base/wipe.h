/* wipe - memory that held a secret is overwritten before it is given back. */
#ifndef REELQ_WIPE_H
#define REELQ_WIPE_H

#include <stddef.h>

/* Overwrites `size` bytes and frees them. NULL is allowed. */
void wipe_free(void *memory, size_t size);

/* The same for a NUL-terminated text. */
void wipe_free_text(char *text);

#endif
