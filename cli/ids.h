/* ids - a set of task ids, each with a small number of the owner's. */
#ifndef REELQ_CLI_IDS_H
#define REELQ_CLI_IDS_H

#include "base/slice.h"

struct ids;

struct ids *ids_new(void);
void ids_free(struct ids *ids); /* NULL is allowed */

/* Copies the id; its number is 0. False when it is there already. */
bool ids_add(struct ids *ids, struct slice id);

size_t ids_count(const struct ids *ids);

/* The id that was added as the nth, from 0. */
const char *ids_name(const struct ids *ids, size_t n);

/* Where it is for ids_name() and ids_value(); -1: nowhere. */
int64_t ids_find(const struct ids *ids, struct slice id);

unsigned char *ids_value(struct ids *ids, size_t n);

#endif
