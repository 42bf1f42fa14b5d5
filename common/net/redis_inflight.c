/* redis_inflight - a ring buffer: no allocation per command, which matters at 400,000 a second. */
#include "net/redis_inflight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"

enum { FIRST_CAPACITY = 64 };

void redis_inflight_clear(struct redis_inflight *inflight)
{
    assert(inflight->count == 0);
    free(inflight->entries);
    *inflight = (struct redis_inflight){0};
}

static struct redis_inflight_entry *slot(const struct redis_inflight *inflight, size_t position)
{
    return &inflight->entries[(inflight->first + position) & (inflight->capacity - 1)];
}

static void grow(struct redis_inflight *inflight)
{
    size_t capacity = inflight->capacity == 0 ? FIRST_CAPACITY : inflight->capacity * 2;
    struct redis_inflight_entry *entries = xcalloc(capacity, sizeof(*entries));

    for (size_t i = 0; i < inflight->count; i++) {
        entries[i] = *slot(inflight, i);
    }
    free(inflight->entries);
    inflight->entries = entries;
    inflight->capacity = capacity;
    inflight->first = 0;
}

void redis_inflight_name(struct redis_inflight_entry *entry, const struct redis_command *command)
{
    size_t length = command->length[0];

    if (length > sizeof(entry->command) - 1)
        length = sizeof(entry->command) - 1;
    memcpy(entry->command, command->data[0], length);
    entry->command[length] = '\0';
}

void redis_inflight_push(struct redis_inflight *inflight, const struct redis_inflight_entry *entry)
{
    if (inflight->count == inflight->capacity) {
        grow(inflight);
    }
    *slot(inflight, inflight->count) = *entry;
    if (inflight->round_trip != NULL)
        slot(inflight, inflight->count)->pushed_us = clock_monotonic_us();
    inflight->count++;
    inflight->internal += entry->internal;
}

const struct redis_inflight_entry *redis_inflight_oldest(const struct redis_inflight *inflight)
{
    return inflight->count == 0 ? NULL : slot(inflight, 0);
}

static void measure(const struct redis_inflight *inflight, const struct redis_inflight_entry *entry)
{
    histogram_observe(inflight->round_trip,
                      (double)(clock_monotonic_us() - entry->pushed_us) / 1e6);
}

void redis_inflight_answer(struct redis_inflight *inflight, const struct redisReply *reply)
{
    struct redis_inflight_entry entry;

    assert(inflight->count > 0);
    entry = *slot(inflight, 0);
    inflight->first = (inflight->first + 1) & (inflight->capacity - 1);
    inflight->count--;
    inflight->internal -= entry.internal;
    if (reply != NULL && inflight->round_trip != NULL)
        measure(inflight, &entry);
    if (entry.fn != NULL) {
        entry.fn(reply, entry.arg);
    }
}

void redis_inflight_fail(struct redis_inflight *inflight)
{
    for (size_t n = inflight->count; n > 0 && inflight->count > 0; n--) {
        redis_inflight_answer(inflight, NULL);
    }
}
