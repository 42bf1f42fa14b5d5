/* secret_file - a secret that stands in a file, read so that no copy of it stays behind. */
#ifndef REELQ_SECRET_FILE_H
#define REELQ_SECRET_FILE_H

#include "base/error.h"
#include "base/slice.h"

struct secret_file {
    char *data; /* NUL-terminated, without one line end at the end of the file */
    size_t length;
};

/* Takes a regular file or a pipe (`<(command)` of a shell, a named one) of 1 byte to 64 KiB without
 * NUL bytes. Waits at most 5 s for what comes through a pipe. The error names the path and never
 * quotes what is in it. After false nothing needs clearing. */
MUST_USE bool secret_file_read(struct secret_file *file, const char *path, struct error *error);

/* Overwrites the memory, and frees it. */
void secret_file_clear(struct secret_file *file);

#endif
