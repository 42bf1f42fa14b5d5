/* Each flaw that is planted in a good ledger is found, and nothing else. */
#include <criterion/criterion.h>

#include "chaos/control.h"

Test(chaos_audit, all_is_well)
{
    struct verdict verdict;

    control_judge(&verdict, &(struct flaw){.name = "good"}, NULL);
    cr_expect(verdict_is_clean(&verdict), "%s", buffer_text(&verdict.details));
    cr_expect_eq(verdict.tasks, CONTROL_TASKS);
    cr_expect_eq(verdict.ready, 5);
    cr_expect_eq(verdict.failed_as_due, 3);
    cr_expect_eq(verdict.ends, CONTROL_TASKS);
    cr_expect_eq(verdict.heard, CONTROL_TASKS);
    cr_expect_eq(verdict.uploads, 4);
    cr_expect_eq(verdict.uploads_failed, 1);
    cr_expect_eq(verdict.batch_messages, 1);
    verdict_clear(&verdict);
}

Test(chaos_audit, ends)
{
    static const struct flaw flaws[] = {
        {"a lost task", VERDICT_LOST, ID(0), "ready", 0, {{0}}},
        {"a lost mistake", VERDICT_LOST, ID(4), "failed", 0, {{0}}},
        {"a lost broken item", VERDICT_LOST, "bad-1", "failed", 0, {{0}}},
        {"a second end",
         VERDICT_SECOND_END,
         NULL,
         NULL,
         0,
         {BOTH(ID(0), "ready", "{\"video_id\":\"m-0\",\"later\":1," DONE "}", 200)}},
        {"a broken item fails twice",
         VERDICT_SECOND_END,
         NULL,
         NULL,
         0,
         {BOTH("bad-2", "failed", "{\"id\":\"bad-2\"}", 200)}},
        {"a run without a push",
         VERDICT_UNASKED_RUN,
         NULL,
         NULL,
         0,
         {{ID(2), LEDGER_STREAM, "rerun", "{}", 110, 0},
          BOTH(ID(2), "failed", FAILED("Something went wrong."), 200)}},
        {"a run on demand",
         NONE,
         NULL,
         NULL,
         0,
         {{ID(2), LEDGER_PUSHED, "acknowledged", NULL, 105, 0},
          {ID(2), LEDGER_STREAM, "rerun", "{}", 110, 0},
          BOTH(ID(2), "failed", FAILED("Something went wrong."), 200)}},
        {"a rerun without an end",
         VERDICT_LOST,
         NULL,
         NULL,
         0,
         {{ID(2), LEDGER_PUSHED, "acknowledged", NULL, 105, 0},
          {ID(2), LEDGER_STREAM, "rerun", "{}", 110, 0}}},
        {"of nobody",
         VERDICT_STRANGER,
         NULL,
         NULL,
         0,
         {{"t-1", LEDGER_STREAM, "accepted", "{}", 200, 1}}},
    };

    EXPECT_ALL(flaws);
}

Test(chaos_audit, reasons)
{
#define LAPSE(at)                                                                                  \
    {                                                                                              \
        ID(1), LEDGER_LAPSED, "lease-lapsed", NULL, at, 0                                          \
    }
    static const struct flaw flaws[] = {
        {"good, but failed",
         VERDICT_WRONG_END,
         ID(1),
         "ready",
         0,
         {BOTH(ID(1), "failed", "{\"stage\":\"upload\",\"error\":\"No idea.\"}", 60100)}},
        {"two lost runs are no crash loop",
         VERDICT_WRONG_END,
         ID(1),
         "ready",
         0,
         {LAPSE(3000), LAPSE(9000), LAPSE(9100),
          BOTH(ID(1), "failed", FAILED("Crash loop: three times."), 60100)}},
        {"a crash loop",
         NONE,
         ID(1),
         "ready",
         0,
         {LAPSE(3000), LAPSE(9000), LAPSE(15000),
          BOTH(ID(1), "failed", FAILED("Crash loop: three times."), 60100)}},
        {"all attempts used up",
         NONE,
         ID(1),
         "ready",
         0,
         {{ID(1), LEDGER_STREAM, "retry", "{}", 50000, 5},
          BOTH(ID(1), "failed", FAILED("VideoDB answered with status 500."), 60100)}},
        {"a timeout of a named one without callback",
         NONE,
         ID(1),
         "ready",
         0,
         {BOTH(ID(1), "failed", FAILED("Still, after 40s (REELQ_JOB_TIMEOUT)."), 60100)}},
        {"a timeout although there was a callback",
         VERDICT_WRONG_END,
         ID(1),
         "ready",
         0,
         {{ID(1), LEDGER_STREAM, "accepted", "{}", 20, 1},
          {ID(1), LEDGER_CALLBACK, "delivered", NULL, 30, 1},
          BOTH(ID(1), "failed", FAILED("Still, after 40s (REELQ_JOB_TIMEOUT)."), 60100)}},
    };

    EXPECT_ALL(flaws);
}

Test(chaos_audit, ready_in_spite)
{
    static const struct flaw flaws[] = {
        {"ready without an index",
         VERDICT_WRONG_END,
         ID(1),
         "ready",
         0,
         {BOTH(ID(1), "ready", "{\"video_id\":\"m-1\"}", 60100)}},
        {"ready in spite of its URL",
         VERDICT_WRONG_END,
         ID(4),
         "failed",
         0,
         {BOTH(ID(4), "ready", READY(4), 100)}},
    };

    EXPECT_ALL(flaws);
}

Test(chaos_audit, batches)
{
#define BATCH_ID "batch-000000"
    static const struct flaw flaws[] = {
        {"no message", VERDICT_BATCH, BATCH_ID, "batch", 0, {{0}}},
        {"two messages", VERDICT_BATCH, NULL, NULL, 0, {BOTH(BATCH_ID, "batch", BATCH(2, 0), 200)}},
        {"wrong counts",
         VERDICT_BATCH,
         BATCH_ID,
         "batch",
         0,
         {BOTH(BATCH_ID, "batch", BATCH(1, 1), 101)}},
        {"not published", VERDICT_NOT_PUBLISHED, BATCH_ID, "batch", HEARD, {{0}}},
    };

    EXPECT_ALL(flaws);
}

Test(chaos_audit, messages)
{
    static const struct flaw flaws[] = {
        {"published twice",
         VERDICT_PUBLISHED_TWICE,
         NULL,
         NULL,
         0,
         {{ID(0), LEDGER_HEARD, "ready", READY(0), 101, 0}}},
        {"only published",
         VERDICT_ONLY_PUBLISHED,
         NULL,
         NULL,
         0,
         {{ID(0), LEDGER_HEARD, "failed", "{}", 101, 0}}},
    };
    static const struct flaw unheard = {"", NONE, ID(0), "ready", HEARD, {{0}}};
    struct ledger_gap gap = {1000000, 1000100}, later = {1000101, 1000200};
    struct verdict verdict;

    EXPECT_ALL(flaws);
    control_judge(&verdict, &unheard, &gap);
    cr_expect(verdict_is_clean(&verdict), "%s", buffer_text(&verdict.details));
    cr_expect_eq(verdict.unheard, 1);
    verdict_clear(&verdict);
    control_judge(&verdict, &unheard, &later);
    cr_expect_eq(verdict.findings[VERDICT_NOT_PUBLISHED], 1);
    verdict_clear(&verdict);
}
