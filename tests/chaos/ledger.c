#include "chaos/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/xalloc.h"
#include "chaos/plan.h"

void ledger_clear(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        free(ledger->lines[i].word);
        free(ledger->lines[i].text);
    }
    free(ledger->lines);
    free(ledger->gaps);
    *ledger = (struct ledger){0};
}

static void identify(struct ledger_line *line, struct slice id)
{
    line->slot = 0;
    line->number = 0;
    if (plan_find_task(id, &line->number, &line->slot))
        line->kind = LEDGER_TASK;
    else if (plan_find_batch(id, &line->number))
        line->kind = LEDGER_BATCH;
    else
        line->kind = LEDGER_STRANGE;
}

void ledger_add(struct ledger *ledger, struct slice id, const struct ledger_line *line)
{
    assert(!ledger->sealed);
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity > 0 ? 2 * ledger->capacity : 1024;
        ledger->lines = xrealloc(ledger->lines, ledger->capacity, sizeof(*ledger->lines));
    }
    struct ledger_line *copy = &ledger->lines[ledger->count];
    *copy = *line;
    copy->word = xstrdup(line->word);
    copy->text = line->text != NULL ? xstrdup(line->text) : NULL;
    copy->order = ledger->count++;
    identify(copy, id);
}

void ledger_add_gap(struct ledger *ledger, int64_t from_ms, int64_t until_ms)
{
    ledger->gaps = xrealloc(ledger->gaps, ledger->gap_count + 1, sizeof(*ledger->gaps));
    ledger->gaps[ledger->gap_count++] = (struct ledger_gap){from_ms, until_ms};
}

/* --- order ------------------------------------------------------------------------------------ */

static int compare(int64_t one, int64_t other)
{
    return one < other ? -1 : one > other;
}

static int by_owner(const struct ledger_line *one, const struct ledger_line *other)
{
    if (one->kind != other->kind)
        return compare(one->kind, other->kind);
    return compare(one->number, other->number);
}

static int by_owner_and_time(const void *a, const void *b)
{
    const struct ledger_line *one = a, *other = b;
    int order = by_owner(one, other);

    if (order == 0)
        order = compare(one->at_ms, other->at_ms);
    return order != 0 ? order : compare((int64_t)one->order, (int64_t)other->order);
}

void ledger_seal(struct ledger *ledger)
{
    if (ledger->count > 0)
        qsort(ledger->lines, ledger->count, sizeof(*ledger->lines), by_owner_and_time);
    ledger->sealed = true;
}

/* The first line that is not before `key`. */
static size_t first_from(const struct ledger *ledger, const struct ledger_line *key)
{
    size_t low = 0, high = ledger->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_owner(&ledger->lines[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct ledger_range ledger_of(const struct ledger *ledger, enum ledger_kind kind, unsigned number)
{
    struct ledger_line key = {.kind = kind, .number = number};
    struct ledger_line next = {.kind = kind, .number = number + 1};
    size_t first = first_from(ledger, &key);

    assert(ledger->sealed);
    return (struct ledger_range){ledger->lines + first, first_from(ledger, &next) - first};
}

bool ledger_in_gap(const struct ledger *ledger, int64_t at_ms)
{
    for (size_t i = 0; i < ledger->gap_count; i++)
        if (at_ms >= ledger->gaps[i].from_ms && at_ms <= ledger->gaps[i].until_ms)
            return true;
    return false;
}

bool ledger_is(const struct ledger_line *line, enum ledger_source source, const char *word)
{
    return line->source == source && strcmp(line->word, word) == 0;
}

bool ledger_ends(const struct ledger_line *line, enum ledger_source source)
{
    return ledger_is(line, source, "ready") || ledger_is(line, source, "failed");
}

/* --- text ------------------------------------------------------------------------------------- */

void ledger_add_text(struct buffer *out, struct ledger_range range)
{
    static const char *const sources[] = {"pushed", "event", "heard", "paid", "callback", "lapsed"};
    static const char *const slots[] = {"", "/spoken_words", "/scenes"};

    for (size_t i = 0; i < range.count; i++) {
        const struct ledger_line *line = &range.lines[i];
        buffer_add_format(out, "      %" PRId64 " %-8s %s%s", line->at_ms, sources[line->source],
                          line->word, slots[line->slot]);
        if (line->attempt > 0)
            buffer_add_format(out, " n=%u", line->attempt);
        buffer_add_format(out, " %s\n", line->text != NULL ? line->text : "");
    }
}
