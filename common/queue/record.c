#include "queue/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/slice.h"
#include "base/xalloc.h"

/* Most fields of most records are missing: they share this, and nothing is allocated for them. */
static char missing[] = "";

static void replace(struct record *record, unsigned field, char *text)
{
    if (record->field[field] != missing)
        free(record->field[field]);
    record->field[field] = text;
}

struct record *record_new(const char *id)
{
    struct record *record = xcalloc(1, sizeof(*record));
    record->id = xstrdup(id);
    for (int i = 0; i < RECORD_COUNT; i++)
        record->field[i] = missing;
    return record;
}

void record_free(struct record *record)
{
    if (record == NULL)
        return;
    for (unsigned i = 0; i < RECORD_COUNT; i++)
        replace(record, i, missing);
    free(record->id);
    free(record);
}

static bool fill(struct record *record, unsigned field, const struct redisReply *value)
{
    bool there = value->type == REDIS_REPLY_STRING;

    record->stored[field] = there;
    replace(record, field, there ? slice_copy(slice_make(value->str, value->len)) : missing);
    return there || value->type == REDIS_REPLY_NIL;
}

bool record_fill(struct record *record, const struct redisReply *reply, unsigned first)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != first + RECORD_COUNT)
        return false;
    for (unsigned i = 0; i < RECORD_COUNT; i++)
        if (!fill(record, i, reply->element[first + i]))
            return false;
    return true;
}

static unsigned field_named(const char *name)
{
    unsigned field = 0;

    while (field < RECORD_COUNT && strcmp(record_field_name(field), name) != 0)
        field++;
    return field;
}

bool record_fill_pairs(struct record *record, const struct redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements % 2 != 0)
        return false;
    for (size_t i = 0; i < reply->elements; i += 2) {
        if (reply->element[i]->type != REDIS_REPLY_STRING)
            return false;
        unsigned field = field_named(reply->element[i]->str);
        if (field < RECORD_COUNT && !fill(record, field, reply->element[i + 1]))
            return false;
    }
    return true;
}

const char *record_field_name(enum record_field field)
{
#define X(name) #name,
    static const char *const names[RECORD_COUNT] = {RECORD_FIELDS(X)};
#undef X
    return names[field];
}

const char *record_text(const struct record *record, enum record_field field)
{
    return record->field[field];
}

bool record_is(const struct record *record, enum record_field field, const char *text)
{
    return strcmp(record->field[field], text) == 0;
}

int64_t record_int(const struct record *record, enum record_field field)
{
    uint64_t value = 0;
    bool ok = slice_to_u64(slice_text(record->field[field]), &value);
    return ok && value <= INT64_MAX ? (int64_t)value : 0;
}

void record_set(struct record *record, enum record_field field, const char *text)
{
    replace(record, field, xstrdup(text));
}

void record_set_int(struct record *record, enum record_field field, int64_t value)
{
    replace(record, field, xasprintf("%" PRId64, value));
}
