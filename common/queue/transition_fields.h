/* transition_fields - what a transition changes in the record beside its place. */
#ifndef REELQ_TRANSITION_FIELDS_H
#define REELQ_TRANSITION_FIELDS_H

#include <stddef.h>

#include "queue/record.h"

enum { TRANSITION_MAX_FIELDS = 12 };

/* name, value pairs; an empty value deletes the field. Zeroed at first; texts are borrowed. */
struct transition_fields {
    size_t count;
    struct {
        const char *name;
        const char *value; /* NULL: the number beside it */
    } pair[TRANSITION_MAX_FIELDS];
    char number[TRANSITION_MAX_FIELDS][24];
};

void transition_field(struct transition_fields *fields, const char *name, const char *value);
void transition_field_int(struct transition_fields *fields, const char *name, int64_t value);

/* Deletes the field, if Redis has it: what is not there costs nothing. */
void transition_clear(struct transition_fields *fields, const struct record *record,
                      enum record_field field);

/* Sets the field, or clears it where the value is NULL or "". */
void transition_set(struct transition_fields *fields, const struct record *record,
                    enum record_field field, const char *value);

/* The text that the field holds when these are applied. */
const char *transition_value(const struct transition_fields *fields, const struct record *record,
                             enum record_field field);

#endif
