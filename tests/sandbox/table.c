/* Linear probing, at most half full. Removing closes the gap by moving later entries of the same
 * run back, so there are no tombstones and a search ends at the first empty slot. */
#include "table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define FIRST_CAPACITY 64

static size_t home_of(const struct table *table, struct slice key)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < key.length; i++) {
        hash = (hash ^ (unsigned char)key.data[i]) * 0x100000001b3u;
    }
    hash ^= hash >> 32;
    return (size_t)hash & (table->capacity - 1);
}

static size_t next_of(const struct table *table, size_t position)
{
    return (position + 1) & (table->capacity - 1);
}

/* The slot of `key`, or the empty slot where it belongs. */
static size_t find(const struct table *table, struct slice key)
{
    size_t position = home_of(table, key);
    while (table->entries[position].key != NULL && !slice_is(key, table->entries[position].key)) {
        position = next_of(table, position);
    }
    return position;
}

static void grow(struct table *table)
{
    struct table old = *table;
    table->capacity = old.capacity == 0 ? FIRST_CAPACITY : old.capacity * 2;
    table->entries = xcalloc(table->capacity, sizeof(*table->entries));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.entries[i].key != NULL) {
            table->entries[find(table, slice_text(old.entries[i].key))] = old.entries[i];
        }
    }
    free(old.entries);
}

void table_clear(struct table *table)
{
    free(table->entries);
    *table = (struct table){0};
}

void *table_get(const struct table *table, struct slice key)
{
    return table->count == 0 ? NULL : table->entries[find(table, key)].value;
}

void table_put(struct table *table, const char *key, void *value)
{
    if (table->count * 2 >= table->capacity) {
        grow(table);
    }
    size_t position = find(table, slice_text(key));
    assert(table->entries[position].key == NULL);
    table->entries[position] = (struct table_entry){key, value};
    table->count++;
}

/* True when the entry at `position` may move back into `gap`: its home is not after the gap. */
static bool may_fill(const struct table *table, size_t position, size_t gap)
{
    size_t mask = table->capacity - 1;
    size_t home = home_of(table, slice_text(table->entries[position].key));
    return ((position - home) & mask) >= ((position - gap) & mask);
}

bool table_remove(struct table *table, struct slice key)
{
    if (table->count == 0) {
        return false;
    }
    size_t gap = find(table, key);
    if (table->entries[gap].key == NULL) {
        return false;
    }
    size_t position = next_of(table, gap);
    while (table->entries[position].key != NULL) {
        if (may_fill(table, position, gap)) {
            table->entries[gap] = table->entries[position];
            gap = position;
        }
        position = next_of(table, position);
    }
    table->entries[gap] = (struct table_entry){0};
    table->count--;
    return true;
}
