#include "storage.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define PATH_PREFIX   "/storage/"
#define MAX_PART_HEAD 4096

static void file_free(struct stored_file *file)
{
    free(file->id);
    free(file->filename);
    free(file);
}

void storage_clear(struct storage *storage)
{
    for (size_t i = 0; i < storage->by_id.capacity; i++) {
        if (storage->by_id.entries[i].key != NULL) {
            file_free(storage->by_id.entries[i].value);
        }
    }
    table_clear(&storage->by_id);
}

struct stored_file *storage_add(struct storage *storage, const char *id)
{
    struct stored_file *file = xcalloc(1, sizeof(*file));
    file->id = xstrdup(id);
    table_put(&storage->by_id, file->id, file);
    return file;
}

struct stored_file *storage_find(const struct storage *storage, struct slice id)
{
    return table_get(&storage->by_id, id);
}

/* The value between the quotes after `marker`. */
static bool quoted_after(struct slice text, const char *marker, struct slice *value)
{
    const char *found = memmem(text.data, text.length, marker, strlen(marker));
    if (found == NULL) {
        return false;
    }
    *value = slice_skip(text, (size_t)(found - text.data) + strlen(marker));
    size_t end = slice_find(*value, '"');
    bool closed = end < value->length;
    *value = slice_head(*value, end);
    return closed;
}

bool storage_receive(struct stored_file *file, struct slice body)
{
    struct slice filename;
    struct slice name;
    struct slice head = slice_head(body, MAX_PART_HEAD);
    const char *end = memmem(head.data, head.length, "\r\n\r\n", 4);
    if (end == NULL) {
        return false;
    }
    head = slice_head(head, (size_t)(end - head.data));
    if (!quoted_after(head, " name=\"", &name) || !slice_is(name, "file")) {
        return false;
    }
    if (!quoted_after(head, "filename=\"", &filename)) {
        filename = slice_text("");
    }
    free(file->filename);
    file->filename = slice_copy(filename);
    file->size_bytes = body.length;
    return true;
}

struct stored_file *storage_of_path(const struct storage *storage, struct slice path)
{
    if (!slice_starts_with(path, PATH_PREFIX)) {
        return NULL;
    }
    return storage_find(storage, slice_skip(path, strlen(PATH_PREFIX)));
}
