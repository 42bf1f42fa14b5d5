/* storage - files sent to an upload URL: only their names and sizes are kept. */
#ifndef SANDBOX_STORAGE_H
#define SANDBOX_STORAGE_H

#include "base/slice.h"
#include "table.h"

struct stored_file {
    char *id;
    char *filename; /* as the multipart part names it; NULL until the file has come */
    size_t size_bytes;
};

/* All zero is an empty storage. */
struct storage {
    struct table by_id;
};

void storage_clear(struct storage *storage);

/* Makes room for a file; `id` is copied. */
struct stored_file *storage_add(struct storage *storage, const char *id);

/* The room, or NULL. */
struct stored_file *storage_find(const struct storage *storage, struct slice id);

/* Takes the multipart body in: keeps the file name and the size. False when no part named "file"
 * is at its beginning. */
bool storage_receive(struct stored_file *file, struct slice body);

/* The room that the URL path "/storage/ID" names, or NULL. */
struct stored_file *storage_of_path(const struct storage *storage, struct slice path);

#endif
