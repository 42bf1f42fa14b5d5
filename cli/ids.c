/* Open addressing over the places of the entries; never more than half full. */
#include "cli/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct entry {
    char *name;
    unsigned char value;
};

struct ids {
    struct entry *entries;
    size_t count;
    size_t *slots; /* place of the entry, from 1; 0: free */
    size_t slot_count;
};

enum { FIRST_SLOTS = 64 };

/* FNV-1a. */
static size_t hash(struct slice id)
{
    uint64_t value = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < id.length; i++)
        value = (value ^ (unsigned char)id.data[i]) * UINT64_C(1099511628211);
    return (size_t)value;
}

/* The slot that has the id, or the free one where it belongs. */
static size_t *slot_of(const struct ids *ids, struct slice id)
{
    size_t mask = ids->slot_count - 1, at = hash(id) & mask;

    while (ids->slots[at] != 0 && !slice_is(id, ids->entries[ids->slots[at] - 1].name))
        at = (at + 1) & mask;
    return &ids->slots[at];
}

struct ids *ids_new(void)
{
    struct ids *ids = xcalloc(1, sizeof(*ids));

    ids->slot_count = FIRST_SLOTS;
    ids->slots = xcalloc(ids->slot_count, sizeof(*ids->slots));
    ids->entries = xcalloc(ids->slot_count / 2, sizeof(*ids->entries));
    return ids;
}

void ids_free(struct ids *ids)
{
    if (ids == NULL)
        return;
    for (size_t i = 0; i < ids->count; i++)
        free(ids->entries[i].name);
    free(ids->entries);
    free(ids->slots);
    free(ids);
}

static void grow(struct ids *ids)
{
    free(ids->slots);
    ids->slot_count *= 2;
    ids->slots = xcalloc(ids->slot_count, sizeof(*ids->slots));
    ids->entries = xrealloc(ids->entries, ids->slot_count / 2, sizeof(*ids->entries));
    for (size_t i = 0; i < ids->count; i++)
        *slot_of(ids, slice_text(ids->entries[i].name)) = i + 1;
}

bool ids_add(struct ids *ids, struct slice id)
{
    if (*slot_of(ids, id) != 0)
        return false;
    if (ids->count == ids->slot_count / 2)
        grow(ids);
    ids->entries[ids->count++] = (struct entry){.name = slice_copy(id)};
    *slot_of(ids, id) = ids->count;
    return true;
}

size_t ids_count(const struct ids *ids)
{
    return ids->count;
}

const char *ids_name(const struct ids *ids, size_t n)
{
    return ids->entries[n].name;
}

int64_t ids_find(const struct ids *ids, struct slice id)
{
    return (int64_t)*slot_of(ids, id) - 1;
}

unsigned char *ids_value(struct ids *ids, size_t n)
{
    return &ids->entries[n].value;
}
