/* The explorer sees: with one guard switched off, or one thing that is taken for granted given up,
 * it finds a way to a broken law. */
#include <criterion/criterion.h>

#include "model/explore.h"
#include "model/laws.h"

enum { MOST_WORLDS = 1000000 };

/* `law` is the only one that is looked at. */
static const struct {
    const char *law;
    struct rules rules;
} controls[] = {
    {LAW_TOKEN,
     {.name = "writes look at the token", .may = FAULT_SLEEP, .faults = 1, .off = GUARD_TOKEN}},
    {LAW_TWICE, {.name = "what is over is left alone", .off = GUARD_OVER}},
    {LAW_MESSAGE,
     {.name = "what is over is left alone", .may = FAULT_LOST, .faults = 1, .off = GUARD_OVER}},
    {LAW_LEASE,
     {.name = "a recovery looks at the lease again",
      .may = FAULT_SLEEP,
      .faults = 1,
      .off = GUARD_LEASE}},
    {LAW_TWICE, {.name = "who rejects must hold the item", .mistakes = 1, .off = GUARD_TAKEN}},
    {LAW_RERUN,
     {.name = "who runs a task again must hold the item",
      .ids = 1,
      .may = FAULT_FAILED | FAULT_LOST,
      .faults = 3,
      .off = GUARD_TAKEN}},
    {LAW_TWICE, {.name = "admission knows the run that it has made", .off = GUARD_AGAIN}},
    {LAW_TWICE,
     {.name = "a chain knows the run that it has started", .indexes = 1, .off = GUARD_FIRST}},
    {LAW_PAID,
     {.name = "two who chain one upload do not get the same run", .indexes = 1, .off = GUARD_OWN}},
    {LAW_MESSAGE,
     {.name = "admission looks at token and state",
      .may = FAULT_REFUSED | FAULT_UNKNOWN,
      .faults = 2,
      .off = GUARD_QUEUED}},
    {LAW_HOME,
     {.name = "only what has failed is run again",
      .ids = 2,
      .may = FAULT_FAILED,
      .faults = 1,
      .off = GUARD_RERUN}},
    {LAW_BATCH,
     {.name = "a batch speaks once", .mistakes = 1, .surplus = 1, .off = GUARD_ANNOUNCED}},
    {LAW_HOME, {.name = "the last index ends the upload", .indexes = 2, .off = GUARD_OPEN}},
    {LAW_PAID,
     {.name = "no call is repeated before the end of the grace",
      .may = FAULT_UNKNOWN,
      .faults = 2,
      .off = GUARD_GRACE}},
    {LAW_PAID,
     {.name = "no call is sent after the lease",
      .may = FAULT_SLEEP,
      .faults = 1,
      .off = GUARD_SEND}},
    {LAW_PAID,
     {.name = "a failure of an older call is ignored",
      .attempts = 3,
      .may = FAULT_FAILED | FAULT_CALLBACK,
      .faults = 2,
      .off = GUARD_CALL}},
    {LAW_PAID,
     {.name = "callbacks of an earlier run have other numbers",
      .ids = 1,
      .may = FAULT_FAILED | FAULT_CALLBACK,
      .faults = 2,
      .off = GUARD_CALLS}},
    {LAW_PAID,
     {.name = "at the end of the grace a question finds what was accepted",
      .may = FAULT_UNKNOWN,
      .faults = 3,
      .silent = true}},
};

Test(guards, without_one_a_law_is_broken, .timeout = 240)
{
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        struct rules rules = controls[i].rules;
        rules.only = controls[i].law;
        struct explored explored = explore(&rules, MOST_WORLDS);
        const char *broken = explored.broken != NULL ? explored.broken : "nothing";
        cr_expect_str_eq(broken, controls[i].law, "without \"%s\": %s\n%s", rules.name, broken,
                         buffer_text(&explored.way));
        cr_log_info("without \"%s\": not so: %s\n%s", rules.name, broken,
                    buffer_text(&explored.way));
        explored_clear(&explored);
    }
}
