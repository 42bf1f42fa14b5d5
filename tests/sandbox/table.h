/* table - open-addressing hash table from text keys to pointers. */
#ifndef SANDBOX_TABLE_H
#define SANDBOX_TABLE_H

#include "base/slice.h"

struct table_entry {
    const char *key; /* borrowed; NULL when the slot is empty */
    void *value;
};

/* All zero is an empty table. */
struct table {
    struct table_entry *entries;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* Frees the table's own memory; keys and values belong to the caller. */
void table_clear(struct table *table);

/* The value of `key`, or NULL. */
void *table_get(const struct table *table, struct slice key);

/* Adds `value` under `key`, which must not be there yet and must live as long as the entry:
 * usually it is a member of the value. */
void table_put(struct table *table, const char *key, void *value);

/* Takes `key` out. False when it was not there. */
bool table_remove(struct table *table, struct slice key);

#endif
