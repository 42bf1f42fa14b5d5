/* The scripts do what the model says: random walks through the model, and each of their steps on a
 * real Redis as well, once or twice. After each the reply and all that stands in Redis is compared.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/laws.h"
#include "model/mirror.h"

enum { MAX_STEPS = 256, STEPS = 20000, MOST_STEPS = 10 * STEPS, MAX_TRAIL = 1 << 16 };
enum { LONGEST = 200, LAST_SEQ = 230, LAPSE_DICE = 4 }; /* numbers are bytes in the model */

static const struct rules walks[] = {
    {.name = "an upload", .uploads = 1, .mistakes = 1, .may = ALL_FAULTS, .faults = ENDLESS},
    {.name = "an index", .indexes = 1, .ids = 1, .may = ALL_FAULTS, .faults = ENDLESS},
    {.name = "two indexes", .indexes = 2, .ids = 1, .may = ALL_FAULTS, .faults = ENDLESS},
    {.name = "failures",
     .indexes = 2,
     .uploads = 2,
     .ids = 2,
     .may = FAULT_FAILED,
     .faults = ENDLESS},
    {.name = "leases", .may = FAULT_SLEEP, .faults = ENDLESS},
    {.name = "lost workers", .may = FAULT_SLEEP | FAULT_CRASH, .faults = ENDLESS},
};

struct walk {
    const struct rules *rules;
    struct world world;
    struct mirror mirror;
    struct buffer trail;
    uint64_t random, rows;
    unsigned step_count;
    struct {
        struct world world;
        struct step step;
    } steps[MAX_STEPS];
};

static unsigned dice(struct walk *walk, unsigned sides)
{
    walk->random ^= walk->random << 13;
    walk->random ^= walk->random >> 7;
    walk->random ^= walk->random << 17;
    return (unsigned)(walk->random % sides);
}

static void collect(const struct world *after, const struct step *step, void *arg)
{
    struct walk *walk = arg;

    cr_assert_lt(walk->step_count, MAX_STEPS);
    walk->steps[walk->step_count].world = *after;
    walk->steps[walk->step_count++].step = *step;
}

/* What differs is told in `trail`. */
static bool is_same(struct walk *walk, const char *redis, const struct buffer *model)
{
    if (strcmp(redis, buffer_text(model)) == 0)
        return true;
    buffer_add_format(&walk->trail, "Redis:\n%s\nthe model:\n%s\n", redis, buffer_text(model));
    return false;
}

static bool same_reply(struct walk *walk, const struct op *op, const struct reply *model)
{
    struct buffer expected = BUFFER(256);

    words_reply(&expected, op, model);
    bool same = is_same(walk, mirror_apply(&walk->mirror, op), &expected);
    buffer_clear(&expected);
    return same;
}

static bool same_store(struct walk *walk)
{
    struct buffer expected = BUFFER(1 << 14);

    words_store(&expected, &walk->world.store);
    bool same = is_same(walk, mirror_store(&walk->mirror), &expected);
    buffer_clear(&expected);
    return same;
}

static bool follow(struct walk *walk, const struct step *step)
{
    bool script = step->op.kind >= OP_ADMIT && step->op.kind <= OP_DROP;

    if (step->op.kind == NO_OP)
        return true;
    if (!same_reply(walk, &step->op, &step->reply) || !same_store(walk))
        return false;
    walk->rows |= UINT64_C(1) << step->reply.row;
    if (!script || dice(walk, 4) > 0)
        return true;
    buffer_add_text(&walk->trail, "the same again\n");
    struct reply again = store_apply(&walk->world.store, &step->op, walk->rules->off);
    return same_reply(walk, &step->op, &again) && same_store(walk);
}

/* A row that no walk has come through yet goes first. */
static unsigned prefer_unseen(const struct walk *walk, unsigned chosen)
{
    for (unsigned i = 0; i < walk->step_count; i++)
        if (walk->steps[i].step.reply.row != NO_ROW &&
            (walk->rows >> walk->steps[i].step.reply.row & 1) == 0)
            return i;
    return chosen;
}

/* A task that is given up has lost three runs, which is rare enough: where a lease can end it often
 * does. */
static unsigned prefer_lapse(struct walk *walk, unsigned chosen)
{
    bool prefers = dice(walk, LAPSE_DICE) == 0;

    for (unsigned i = 0; prefers && i < walk->step_count; i++)
        if (walk->steps[i].step.op.kind == OP_LAPSE_RUN)
            return i;
    return chosen;
}

/* Half of the steps are such that lead on, so that walks come to an end by and by. */
static unsigned choose(struct walk *walk)
{
    bool progress = dice(walk, 2) == 0;
    unsigned i, tries = 0;

    do
        i = dice(walk, walk->step_count);
    while (progress && !walk->steps[i].step.progress && ++tries < 20);
    return prefer_unseen(walk, prefer_lapse(walk, i));
}

static bool is_over(const struct walk *walk)
{
    return world_settled(&walk->world) || walk->world.store.seq > LAST_SEQ;
}

/* False where Redis and the model differ. */
static bool go_on(struct walk *walk)
{
    walk->step_count = 0;
    world_steps(&walk->world, walk->rules, collect, walk);
    unsigned i = choose(walk);
    words_step(&walk->trail, &walk->steps[i].step);
    buffer_add_char(&walk->trail, '\n');
    walk->world = walk->steps[i].world;
    return follow(walk, &walk->steps[i].step);
}

static bool push_first(struct walk *walk)
{
    const struct item *items = walk->world.store.waiting;

    walk->world = world_first(walk->rules);
    mirror_empty(&walk->mirror);
    buffer_reset(&walk->trail);
    buffer_add_format(&walk->trail, "%s\n", walk->rules->name);
    for (unsigned i = walk->world.store.waiting_count; i-- > 0;) {
        struct op push = {.kind = OP_PUSH, .member.item = items[i]};
        mirror_apply(&walk->mirror, &push);
    }
    return same_store(walk);
}

/* From the first push to the end, or for so long. */
static bool go(struct walk *walk, const struct rules *rules, unsigned *steps)
{
    unsigned i = 0;

    walk->rules = rules;
    bool same = push_first(walk);
    for (; same && i < LONGEST && !is_over(walk); i++)
        same = go_on(walk);
    *steps += i;
    return same;
}

static struct walk *walk_new(void)
{
    struct walk *walk = xcalloc(1, sizeof(*walk));

    walk->random = 4242424242U;
    mirror_init(&walk->mirror);
    buffer_init(&walk->trail, MAX_TRAIL);
    return walk;
}

static void walk_free(struct walk *walk)
{
    mirror_clear(&walk->mirror);
    buffer_clear(&walk->trail);
    free(walk);
}

Test(walk, redis_does_what_the_model_does, .timeout = 240)
{
    const uint64_t all_rows = (UINT64_C(1) << ROWS) - 1;
    struct walk *walk = walk_new();
    unsigned steps = 0;

    for (unsigned n = 0; steps < STEPS || (steps < MOST_STEPS && walk->rows != all_rows); n++) {
        bool same = go(walk, &walks[n % (sizeof(walks) / sizeof(walks[0]))], &steps);
        cr_assert(same, "%s", buffer_text(&walk->trail));
    }
    for (unsigned row = 1; row < ROWS; row++)
        cr_expect((walk->rows >> row & 1) != 0, "no walk comes through %s", words_row[row]);
    walk_free(walk);
}

/* A model of which one guard is switched off is not what Redis does. */
static const struct rules controls[] = {
    {.name = "token", .off = GUARD_TOKEN},
    {.name = "over", .off = GUARD_OVER},
    {.name = "lease", .may = FAULT_SLEEP, .faults = ENDLESS, .off = GUARD_LEASE},
    {.name = "taken", .mistakes = 1, .off = GUARD_TAKEN},
    {.name = "again", .off = GUARD_AGAIN},
    {.name = "first", .indexes = 1, .off = GUARD_FIRST},
    {.name = "queued", .may = ALL_FAULTS, .faults = ENDLESS, .off = GUARD_QUEUED},
    {.name = "rerun", .ids = 2, .may = FAULT_FAILED, .faults = ENDLESS, .off = GUARD_RERUN},
    {.name = "announced", .mistakes = 1, .surplus = 1, .off = GUARD_ANNOUNCED},
    {.name = "open", .indexes = 2, .off = GUARD_OPEN},
    {.name = "calls", .ids = 2, .may = FAULT_FAILED, .faults = ENDLESS, .off = GUARD_CALLS},
};

Test(walk, a_model_without_a_guard_differs, .timeout = 240)
{
    struct walk *walk = walk_new();

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        unsigned steps = 0;
        bool same = true;
        while (same && steps < STEPS)
            same = go(walk, &controls[i], &steps);
        cr_expect(!same, "without the guard \"%s\" all is as with it", controls[i].name);
        cr_log_info("without the guard \"%s\": after %u steps", controls[i].name, steps);
    }
    walk_free(walk);
}
