/* next_item - how long the same item has been next in line. Items have no time of their own: that
 * is the least that it has waited. */
#ifndef REELQ_NEXT_ITEM_H
#define REELQ_NEXT_ITEM_H

#include "base/slice.h"

/* All zero at first. */
struct next_item {
    char *sign; /* tells the item seen last from others, whatever its length; NULL: none yet */
    int64_t since_ms; /* by the clock of Redis: when it was first seen there */
};

/* Milliseconds; 0 for an empty item: nothing waits. */
int64_t next_item_age_ms(struct next_item *next, struct slice item, int64_t now_ms);

void next_item_clear(struct next_item *next);

#endif
