/* explore - take a world -> its steps -> laws -> those not seen before are worlds to take. */
#include "model/explore.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/laws.h"

const char LAW_ENDS[] = "work that goes on without faults comes to an end";

enum { MAX_WAY = 1 << 20, FIRST = 0 };
static const uint32_t NONE = UINT32_MAX;

struct seen {
    struct world world;
    uint32_t from; /* how it was found first */
    uint32_t next; /* what comes when nothing goes wrong */
};

struct explorer {
    const struct rules *rules;
    struct explored *out;
    struct seen *seen;
    uint32_t count, room, most;
    uint32_t *slots; /* by hash: index in `seen`, or NONE */
    uint32_t mask;

    uint32_t taken; /* the world whose steps are looked at */
    struct world before;
    const struct world *wanted; /* telling the way: where the step leads */
};

/* --- the worlds seen --- */

static uint64_t hash(const struct world *world)
{
    const unsigned char *byte = (const unsigned char *)world;
    uint64_t value = 14695981039346656037U;
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= sizeof(*world); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, byte + i, sizeof(word));
        value = (value ^ word) * 0x9E3779B97F4A7C15U;
        value ^= value >> 29;
    }
    for (; i < sizeof(*world); i++)
        value = (value ^ byte[i]) * 1099511628211U;
    return value ^ value >> 32;
}

static uint32_t *slot_of(const struct explorer *explorer, const struct world *world)
{
    uint32_t i = (uint32_t)hash(world) & explorer->mask;

    while (explorer->slots[i] != NONE &&
           memcmp(&explorer->seen[explorer->slots[i]].world, world, sizeof(*world)) != 0)
        i = (i + 1) & explorer->mask;
    return &explorer->slots[i];
}

static void grow(struct explorer *explorer)
{
    explorer->room *= 2;
    explorer->mask = explorer->room * 2 - 1;
    explorer->seen = xrealloc(explorer->seen, explorer->room, sizeof(*explorer->seen));
    explorer->slots =
        xrealloc(explorer->slots, (size_t)explorer->room * 2, sizeof(*explorer->slots));
    memset(explorer->slots, 0xff, (size_t)explorer->room * 2 * sizeof(*explorer->slots));
    for (uint32_t i = 0; i < explorer->count; i++)
        *slot_of(explorer, &explorer->seen[i].world) = i;
}

/* Its index, and whether it is new. */
static uint32_t note(struct explorer *explorer, const struct world *world, bool *is_new)
{
    uint32_t *slot = slot_of(explorer, world);

    *is_new = *slot == NONE;
    if (!*is_new)
        return *slot;
    if (explorer->count == explorer->room) {
        grow(explorer);
        slot = slot_of(explorer, world);
    }
    assert(explorer->count < explorer->most);
    *slot = explorer->count;
    explorer->seen[explorer->count] = (struct seen){*world, explorer->taken, NONE};
    return explorer->count++;
}

/* --- the way to a broken law --- */

static void tell_wanted(const struct world *after, const struct step *step, void *arg)
{
    struct explorer *explorer = arg;
    struct world folded = *after;

    world_fold(&folded);
    if (explorer->wanted == NULL || memcmp(&folded, explorer->wanted, sizeof(folded)) != 0)
        return;
    explorer->wanted = NULL;
    words_step(&explorer->out->way, step);
    buffer_add_char(&explorer->out->way, '\n');
}

static void tell_step(struct explorer *explorer, const struct world *from, const struct world *to)
{
    explorer->wanted = to;
    world_steps(from, explorer->rules, tell_wanted, explorer);
}

static void tell_way(struct explorer *explorer, uint32_t to)
{
    uint32_t *way = xcalloc(explorer->count, sizeof(*way));
    size_t length = 0;

    for (uint32_t i = to; i != FIRST; i = explorer->seen[i].from)
        way[length++] = i;
    while (length-- > 0) {
        const struct seen *seen = &explorer->seen[way[length]];
        tell_step(explorer, &explorer->seen[seen->from].world, &seen->world);
    }
    free(way);
}

/* --- exploring --- */

static void on_step(const struct world *after, const struct step *step, void *arg)
{
    struct explorer *explorer = arg;
    struct explored *out = explorer->out;
    struct world folded = *after;
    bool is_new;

    if (out->broken != NULL)
        return;
    out->steps++;
    out->rows |= UINT64_C(1) << step->reply.row;
    out->broken = laws_step(&explorer->before, step, after, explorer->rules);
    if (out->broken == NULL)
        out->broken = laws_world(after, explorer->rules);
    if (out->broken != NULL) {
        tell_way(explorer, explorer->taken);
        words_step(&out->way, step);
        buffer_add_text(&out->way, "\n\nwhere Redis then has\n");
        words_store(&out->way, &after->store);
        return;
    }
    world_fold(&folded);
    uint32_t to = note(explorer, &folded, &is_new);
    struct seen *taken = &explorer->seen[explorer->taken];
    if (step->progress && taken->next == NONE && to != explorer->taken)
        taken->next = to;
}

static void go_everywhere(struct explorer *explorer)
{
    struct world first = world_first(explorer->rules);
    bool is_new;

    world_fold(&first);
    note(explorer, &first, &is_new);
    for (explorer->taken = FIRST; explorer->taken < explorer->count; explorer->taken++) {
        explorer->before = explorer->seen[explorer->taken].world;
        world_steps(&explorer->before, explorer->rules, on_step, explorer);
        if (explorer->out->broken != NULL)
            return;
    }
}

/* --- does it end? --- */

static void tell_endless(struct explorer *explorer, uint32_t from)
{
    struct buffer *way = &explorer->out->way;
    uint32_t i = from;

    explorer->out->broken = LAW_ENDS;
    tell_way(explorer, from);
    buffer_add_text(way, "and when nothing goes wrong any more\n");
    for (unsigned steps = 0; steps < 40 && explorer->seen[i].next != NONE; steps++) {
        uint32_t next = explorer->seen[i].next;
        tell_step(explorer, &explorer->seen[i].world, &explorer->seen[next].world);
        i = next;
    }
    buffer_add_text(way, "\nwhere Redis then has\n");
    words_store(way, &explorer->seen[i].world.store);
}

/* From each world the most urgent steps are followed until one that is settled, or known to lead
 * there. */
static void look_for_ends(struct explorer *explorer)
{
    enum { UNKNOWN, ON_THE_WAY, ENDS };
    unsigned char *known = xcalloc(explorer->count, 1);

    for (uint32_t from = 0; from < explorer->count && explorer->out->broken == NULL; from++) {
        uint32_t i = from;
        while (known[i] == UNKNOWN && !world_settled(&explorer->seen[i].world) &&
               explorer->seen[i].next != NONE) {
            known[i] = ON_THE_WAY;
            i = explorer->seen[i].next;
        }
        bool ends = known[i] == ENDS || world_settled(&explorer->seen[i].world);
        if (!ends)
            tell_endless(explorer, from);
        known[i] = ENDS;
        for (i = from; ends && known[i] == ON_THE_WAY; i = explorer->seen[i].next)
            known[i] = ENDS;
    }
    free(known);
}

struct explored explore(const struct rules *rules, uint32_t most)
{
    struct explored out = {0};
    struct explorer explorer = {.rules = rules, .out = &out, .room = 1 << 12, .most = most};

    buffer_init(&out.way, MAX_WAY);
    grow(&explorer);
    go_everywhere(&explorer);
    if (out.broken == NULL)
        look_for_ends(&explorer);
    out.worlds = explorer.count;
    free(explorer.seen);
    free(explorer.slots);
    return out;
}

void explored_clear(struct explored *explored)
{
    buffer_clear(&explored->way);
}
