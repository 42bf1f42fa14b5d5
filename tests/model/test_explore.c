/* Every world that can be reached keeps the laws, and comes to an end when nothing goes wrong. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "model/explore.h"
#include "model/laws.h"

/* Under a sanitizer, which is slow, with one fault less: not all rows are come through then. */
#if defined(__SANITIZE_ADDRESS__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 1
#endif
#endif
#ifdef SLOW
enum { FEWER = 1 };
#else
enum { FEWER = 0 };
#endif

enum { MOST_WORLDS = 2000000 };

static const struct rules scenes[] = {
    {.name = "an upload", .may = ALL_FAULTS, .faults = 3 - FEWER},
    {.name = "workers that crash", .indexes = 1, .may = FAULT_CRASH, .faults = 4 - FEWER},
    {.name = "an index", .indexes = 1, .may = ALL_FAULTS, .faults = 2 - FEWER},
    {.name = "two indexes", .indexes = 2, .may = FAULT_FAILED, .faults = 1 - FEWER},
    {.name = "an upload run again", .ids = 1, .may = ALL_FAULTS, .faults = 2 - FEWER},
    {.name = "an index run again", .indexes = 1, .ids = 1, .may = ALL_FAULTS, .faults = 1 - FEWER},
    {.name = "the same id, and a mistake",
     .uploads = 1,
     .mistakes = 1,
     .may = ALL_FAULTS,
     .faults = 1},
    {.name = "VideoDB may be silent",
     .silent = true,
     .pays_twice = true,
     .may = ALL_FAULTS,
     .faults = 3 - FEWER},
};

Test(explore, every_world_keeps_the_laws, .timeout = 240)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        struct explored explored = explore(&scenes[i], MOST_WORLDS);
        cr_expect_null(explored.broken, "%s: not so: %s\n%s", scenes[i].name, explored.broken,
                       buffer_text(&explored.way));
        cr_log_info("%s: %u worlds, %" PRIu64 " steps", scenes[i].name, explored.worlds,
                    explored.steps);
        rows |= explored.rows;
        explored_clear(&explored);
    }
    for (unsigned row = 1; row < ROWS && !FEWER; row++)
        cr_expect((rows >> row & 1) != 0, "no scene comes through %s", words_row[row]);
}
