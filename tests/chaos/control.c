#include "chaos/control.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { PLAIN, NAMED, CORRUPT, INDEX, MISTAKE, BROKEN, MEMBER, LAST_MEMBER, TASKS };

_Static_assert((int)TASKS == (int)CONTROL_TASKS, "the tests count them");

static struct plan_task tasks[TASKS] = {
    [PLAIN] = {.kind = PLAN_UPLOAD, .spoken = true, .scenes = true, .batch = PLAN_NO_BATCH},
    [NAMED] = {.kind = PLAN_UPLOAD,
               .scenes = true,
               .named = {[PLAN_OWN] = true, [PLAN_SCENES] = true},
               .batch = PLAN_NO_BATCH},
    [CORRUPT] = {.kind = PLAN_UPLOAD, .fate = PLAN_CORRUPT, .batch = PLAN_NO_BATCH},
    [INDEX] = {.kind = PLAN_INDEX, .spoken = true, .batch = PLAN_NO_BATCH},
    [MISTAKE] = {.kind = PLAN_MISTAKE, .batch = PLAN_NO_BATCH},
    [BROKEN] = {.kind = PLAN_BROKEN, .batch = PLAN_NO_BATCH},
    [MEMBER] = {.kind = PLAN_UPLOAD, .batch = 0},
    [LAST_MEMBER] = {.kind = PLAN_UPLOAD, .batch = 0},
};
static struct plan_batch batches[] = {{MEMBER, 2, false}};
static const struct plan plan = {tasks, batches, TASKS, 1};

/* Nothing is wrong with these. */
static const struct fact good[] = {
    PUSHED(0),
    PAID(0),
    {ID(0), LEDGER_STREAM, "accepted", "{}", 20, 1},
    {ID(0), LEDGER_CALLBACK, "delivered", NULL, 30, 1},
    {ID(0) "/spoken_words", LEDGER_PAID, "index_spoken", VIDEO(0), 40, 1},
    {ID(0) "/scenes", LEDGER_PAID, "index_scene", VIDEO(0), 40, 1},
    BOTH(ID(0), "ready", READY(0), 100),
    PUSHED(1),
    PAID(1),
    {ID(1) "/scenes", LEDGER_PAID, "index_scene", VIDEO(1), 60000, 1},
    BOTH(ID(1), "ready", READY(1), 60100),
    PUSHED(2),
    {ID(2), LEDGER_PAID, "upload", "{\"video_id\":null}", 10, 1},
    BOTH(ID(2), "failed", FAILED("Something went wrong"), 100),
    {ID(3), LEDGER_PUSHED, "acknowledged", "m-3", 0, 0},
    BOTH(ID(3), "ready", READY(3), 100),
    PUSHED(4),
    BOTH(ID(4), "failed", FAILED("unknown field"), 100),
    PUSHED(5),
    BOTH("bad-1", "failed", BAD, 100),
    PUSHED(6),
    PAID(6),
    BOTH(ID(6), "ready", READY(6), 100),
    PUSHED(7),
    PAID(7),
    BOTH(ID(7), "ready", READY(7), 100),
    BOTH("batch-000000", "batch", BATCH(2, 0), 101),
};

enum { GOOD = sizeof(good) / sizeof(good[0]) };

static bool is_left_out(const struct fact *fact, const struct flaw *flaw)
{
    return flaw->id != NULL && strcmp(fact->id, flaw->id) == 0 &&
           strcmp(fact->word, flaw->word) == 0 &&
           (flaw->sources == 0 || (flaw->sources >> fact->source & 1U) != 0);
}

static void add(struct ledger *ledger, const struct fact *fact)
{
    char *word = xstrdup(fact->word), *text = fact->text != NULL ? xstrdup(fact->text) : NULL;
    struct ledger_line line = {.at_ms = 1000000 + fact->at_ms,
                               .source = fact->source,
                               .attempt = fact->attempt,
                               .word = word,
                               .text = text};

    ledger_add(ledger, slice_text(fact->id), &line);
    free(word);
    free(text);
}

void control_judge(struct verdict *verdict, const struct flaw *flaw, const struct ledger_gap *gap)
{
    struct audit_options options = {2000, 6000, 6};
    struct ledger ledger = {0};

    verdict_init(verdict);
    for (size_t i = 0; i < GOOD; i++)
        if (!is_left_out(&good[i], flaw))
            add(&ledger, &good[i]);
    for (size_t i = 0; i < CONTROL_PLANTED && flaw->facts[i].id != NULL; i++)
        add(&ledger, &flaw->facts[i]);
    if (gap != NULL)
        ledger_add_gap(&ledger, gap->from_ms, gap->until_ms);
    ledger_seal(&ledger);
    audit(verdict, &plan, &ledger, &options);
    ledger_clear(&ledger);
}

static void expect(const struct flaw *flaw)
{
    struct verdict verdict;

    control_judge(&verdict, flaw, NULL);
    for (int i = 0; i < VERDICT_FINDING_COUNT; i++)
        cr_expect_eq(verdict.findings[i] > 0, i == flaw->finding, "%s: finding %d: %s", flaw->name,
                     i, buffer_text(&verdict.details));
    cr_expect_eq(verdict_is_clean(&verdict), flaw->finding == NONE, "%s", flaw->name);
    verdict_clear(&verdict);
}

void control_expect(const struct flaw *flaws, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(&flaws[i]);
}
