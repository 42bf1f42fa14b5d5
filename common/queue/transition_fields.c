#include "queue/transition_fields.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void transition_field(struct transition_fields *fields, const char *name, const char *value)
{
    assert(fields->count < TRANSITION_MAX_FIELDS);
    fields->pair[fields->count].name = name;
    fields->pair[fields->count].value = value;
    fields->count++;
}

void transition_field_int(struct transition_fields *fields, const char *name, int64_t value)
{
    char *number = fields->number[fields->count];
    (void)snprintf(number, sizeof(fields->number[0]), "%" PRId64, value);
    transition_field(fields, name, NULL);
}

void transition_clear(struct transition_fields *fields, const struct record *record,
                      enum record_field field)
{
    if (record->stored[field])
        transition_field(fields, record_field_name(field), "");
}

void transition_set(struct transition_fields *fields, const struct record *record,
                    enum record_field field, const char *value)
{
    if (value == NULL || value[0] == '\0')
        transition_clear(fields, record, field);
    else
        transition_field(fields, record_field_name(field), value);
}

const char *transition_value(const struct transition_fields *fields, const struct record *record,
                             enum record_field field)
{
    for (size_t i = fields->count; i-- > 0;)
        if (strcmp(fields->pair[i].name, record_field_name(field)) == 0)
            return fields->pair[i].value != NULL ? fields->pair[i].value : fields->number[i];
    return record_text(record, field);
}
