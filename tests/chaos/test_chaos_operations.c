/* What was paid for, and what was paid for twice. */
#include <criterion/criterion.h>

#include "chaos/control.h"

Test(chaos_audit, operations)
{
#define UNKNOWN(n, at)                                                                             \
    {                                                                                              \
        ID(n), LEDGER_STREAM, "unknown", "{}", at, 1                                               \
    }
#define AGAIN(n, at)                                                                               \
    {                                                                                              \
        ID(n), LEDGER_PAID, "upload", "{\"video_id\":\"m-9\"}", at, 2                              \
    }
    static const struct flaw flaws[] = {
        {"a second upload", VERDICT_SECOND_PAID, NULL, NULL, 0, {AGAIN(0, 50)}},
        {"unknown, but it can be found",
         VERDICT_SECOND_PAID,
         NULL,
         NULL,
         0,
         {UNKNOWN(0, 20), AGAIN(0, 9000)}},
        {"named and unknown", NONE, NULL, NULL, 0, {UNKNOWN(1, 20), AGAIN(1, 9000)}},
        {"named and unknown, told of another call in the same millisecond",
         NONE,
         NULL,
         NULL,
         0,
         {{ID(1), LEDGER_STREAM, "retry", "{}", 10, 1}, UNKNOWN(1, 10), AGAIN(1, 9000)}},
        {"named, but known", VERDICT_SECOND_PAID, NULL, NULL, 0, {AGAIN(1, 9000)}},
        {"named, unknown, called back long before",
         VERDICT_SECOND_PAID,
         NULL,
         NULL,
         0,
         {UNKNOWN(1, 20), {ID(1), LEDGER_CALLBACK, "delivered", NULL, 30, 1}, AGAIN(1, 9000)}},
        {"the callback was unreadable",
         NONE,
         NULL,
         NULL,
         0,
         {UNKNOWN(1, 20), {ID(1), LEDGER_CALLBACK, "unreadable", NULL, 30, 1}, AGAIN(1, 9000)}},
    };

    EXPECT_ALL(flaws);
}

Test(chaos_audit, operations_and_ends)
{
    static const struct flaw flaws[] = {
        {"a second index",
         VERDICT_SECOND_PAID,
         NULL,
         NULL,
         0,
         {{ID(0) "/scenes", LEDGER_PAID, "index_scene", VIDEO(0), 60, 2}}},
        {"an upload again although it has its video",
         VERDICT_SECOND_PAID,
         ID(1),
         "ready",
         0,
         {{ID(1), LEDGER_PUSHED, "acknowledged", NULL, 105, 0},
          BOTH(ID(1), "failed", "{\"error\":\"x\",\"video_id\":\"m-1\"}", 106),
          {ID(1), LEDGER_STREAM, "rerun", "{}", 110, 0},
          AGAIN(1, 120),
          BOTH(ID(1), "ready", READY(1), 60100)}},
        {"ready without an upload", VERDICT_UNPAID, ID(6), "upload", 0, {{0}}},
        {"ready without an index", VERDICT_UNPAID, ID(0) "/scenes", "index_scene", 0, {{0}}},
        {"somebody else's video",
         VERDICT_WRONG_VIDEO,
         ID(0),
         "ready",
         0,
         {BOTH(ID(0), "ready", "{\"video_id\":\"m-1\"," DONE "}", 100)}},
        {"not the video that was to be indexed",
         VERDICT_WRONG_VIDEO,
         ID(3),
         "ready",
         0,
         {BOTH(ID(3), "ready", READY(1), 100)}},
        {"a video that nobody was told of",
         VERDICT_UNTOLD,
         ID(0),
         "ready",
         0,
         {{ID(0), LEDGER_STREAM, "retry", "{}", 50, 5},
          BOTH(ID(0), "failed", FAILED("VideoDB knows nothing of it."), 100)}},
    };

    EXPECT_ALL(flaws);
}
