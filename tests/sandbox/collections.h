/* collections - names and real ids. */
#ifndef SANDBOX_COLLECTIONS_H
#define SANDBOX_COLLECTIONS_H

#include "base/buffer.h"

struct collection {
    char *id;
    char *name;
    char *description;
};

struct collections {
    struct collection *items; /* the first is the default one */
    size_t count;
};

/* Starts with the default collection, whose id is copied. */
void collections_init(struct collections *collections, const char *default_id);
void collections_clear(struct collections *collections);

/* The collection `id`; "default" and the empty text give the default one. An unknown "c-..." comes
 * into being when it is first used, so that tests need not make it. NULL for anything else. The
 * pointer is good until the next call. */
struct collection *collections_find(struct collections *collections, struct slice id);

/* Adds one; the texts are copied. The same pointer rule. */
struct collection *collections_add(struct collections *collections, const char *id,
                                   const char *name, const char *description);

/* Appends the collection as the API shows it. */
void collection_add_json(struct buffer *out, const struct collection *collection);

#endif
