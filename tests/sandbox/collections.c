#include "collections.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/xalloc.h"

/* Beyond this, unknown ids are not taken for new collections: the search is linear. */
#define MAX_BORN_BY_USE 256

void collections_init(struct collections *collections, const char *default_id)
{
    *collections = (struct collections){0};
    collections_add(collections, default_id, "Default collection", "Made by the sandbox");
}

void collections_clear(struct collections *collections)
{
    for (size_t i = 0; i < collections->count; i++) {
        free(collections->items[i].id);
        free(collections->items[i].name);
        free(collections->items[i].description);
    }
    free(collections->items);
    *collections = (struct collections){0};
}

struct collection *collections_add(struct collections *collections, const char *id,
                                   const char *name, const char *description)
{
    collections->items =
        xrealloc(collections->items, collections->count + 1, sizeof(*collections->items));
    struct collection *collection = &collections->items[collections->count];
    *collection = (struct collection){xstrdup(id), xstrdup(name), xstrdup(description)};
    collections->count++;
    return collection;
}

struct collection *collections_find(struct collections *collections, struct slice id)
{
    if (id.length == 0 || slice_is(id, "default")) {
        return &collections->items[0];
    }
    for (size_t i = 0; i < collections->count; i++) {
        if (slice_is(id, collections->items[i].id)) {
            return &collections->items[i];
        }
    }
    if (!slice_starts_with(id, "c-") || id.length > 64 || collections->count >= MAX_BORN_BY_USE) {
        return NULL;
    }
    char *text = slice_copy(id);
    struct collection *born = collections_add(collections, text, text, "");
    free(text);
    return born;
}

void collection_add_json(struct buffer *out, const struct collection *collection)
{
    struct json_writer w = json_writer(out);
    json_open(&w, '{');
    json_key_string(&w, "id", collection->id);
    json_key_string(&w, "name", collection->name);
    json_key_string(&w, "description", collection->description);
    json_key_bool(&w, "is_public", false);
    json_close(&w, '}');
}
