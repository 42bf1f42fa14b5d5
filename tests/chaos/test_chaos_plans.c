/* What is decided before a run, and how what was said is read. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "chaos/collect.h"
#include "chaos/plan.h"
#include "chaos/schedule.h"

enum { LENGTH_MS = 60000, LEASE_MS = 2000, MAX_TEXT = 1 << 20 };

static struct schedule make(uint64_t seed)
{
    return schedule_make(&(struct schedule_options){seed, LENGTH_MS, 4, 2, LEASE_MS});
}

static char *text_of(uint64_t seed)
{
    struct schedule schedule = make(seed);
    struct buffer text = BUFFER(MAX_TEXT);

    schedule_add_text(&text, &schedule);
    schedule_clear(&schedule);
    return buffer_take(&text);
}

Test(chaos_schedule, the_same_seed_gives_the_same_faults)
{
    char *one = text_of(1), *again = text_of(1), *other = text_of(2);

    cr_expect_str_eq(one, again);
    cr_expect_str_neq(one, other);
    free(one);
    free(again);
    free(other);
}

Test(chaos_schedule, every_fault_comes_up_and_ends)
{
    struct schedule schedule = make(1);
    unsigned done[SCHEDULE_ACTION_COUNT] = {0};

    for (size_t i = 0; i < schedule.count; i++) {
        done[schedule.steps[i].action]++;
        cr_expect(schedule.steps[i].at_ms <= LENGTH_MS);
        cr_expect(i == 0 || schedule.steps[i - 1].at_ms <= schedule.steps[i].at_ms);
    }
    for (int action = 0; action < SCHEDULE_ACTION_COUNT; action++)
        cr_expect_gt(done[action], 0, "%s", schedule_action_text((enum schedule_action)action));
    cr_expect_eq(done[SCHEDULE_WORKER_KILL], done[SCHEDULE_WORKER_START]);
    cr_expect_eq(done[SCHEDULE_WORKER_STOP], done[SCHEDULE_WORKER_CONTINUE]);
    cr_expect_eq(done[SCHEDULE_WEBHOOK_KILL], done[SCHEDULE_WEBHOOK_START]);
    cr_expect_eq(done[SCHEDULE_WEBHOOK_STOP], done[SCHEDULE_WEBHOOK_CONTINUE]);
    cr_expect_eq(done[SCHEDULE_REDIS_KILL], done[SCHEDULE_REDIS_START]);
    cr_expect_eq(done[SCHEDULE_REDIS_STOP], done[SCHEDULE_REDIS_CONTINUE]);
    const struct schedule_step *last = &schedule.steps[schedule.count - 1];
    cr_expect(last->action == SCHEDULE_WEATHER && last->target == 0, "it ends calm");
    schedule_clear(&schedule);
}

/* What is down cannot be struck: between a fault of Redis and its end there is no other one. */
Test(chaos_schedule, one_fault_at_a_time_for_each_target)
{
    struct schedule schedule = make(3);
    bool down = false;

    for (size_t i = 0; i < schedule.count; i++) {
        enum schedule_action action = schedule.steps[i].action;
        if (action < SCHEDULE_REDIS_KILL || action > SCHEDULE_REDIS_FORGET)
            continue;
        bool end = action == SCHEDULE_REDIS_START || action == SCHEDULE_REDIS_CONTINUE;
        cr_expect_eq(end, down, "step %zu", i);
        down = action == SCHEDULE_REDIS_KILL || action == SCHEDULE_REDIS_STOP;
    }
    cr_expect_not(down);
    schedule_clear(&schedule);
}

/* --- plan ------------------------------------------------------------------------------------- */

static char *items_of(uint64_t seed)
{
    struct plan plan = plan_make(seed, 300, LENGTH_MS);
    struct buffer text = BUFFER(MAX_TEXT);

    for (unsigned i = 0; i < plan.task_count; i++) {
        buffer_add_format(&text, "%lld ", (long long)plan.tasks[i].at_ms);
        plan_add_item(&text, &plan, i, "m-1");
        buffer_add_char(&text, '\n');
    }
    for (unsigned i = 0; i < plan.batch_count; i++)
        plan_add_batch_item(&text, &plan, i);
    plan_clear(&plan);
    return buffer_take(&text);
}

Test(chaos_plan, the_same_seed_gives_the_same_tasks)
{
    char *one = items_of(1), *again = items_of(1), *other = items_of(2);

    cr_expect_str_eq(one, again);
    cr_expect_str_neq(one, other);
    free(one);
    free(again);
    free(other);
}

Test(chaos_plan, only_what_shall_be_broken_is)
{
    struct plan plan = plan_make(1, 1000, LENGTH_MS);
    struct json_limits limits = {MAX_TEXT, 64};
    unsigned kinds[PLAN_BROKEN + 1] = {0};

    for (unsigned i = 0; i < plan.task_count; i++) {
        struct buffer item = BUFFER(MAX_TEXT);
        plan_add_item(&item, &plan, i, "m-1");
        bool broken = plan.tasks[i].kind == PLAN_BROKEN;
        cr_expect_eq(json_check(buffer_slice(&item), &limits, NULL, NULL), !broken, "%s",
                     buffer_text(&item));
        kinds[plan.tasks[i].kind]++;
        buffer_clear(&item);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        cr_expect_gt(kinds[i], 0, "kind %zu", i);
    plan_clear(&plan);
}

Test(chaos_plan, ids)
{
    unsigned number, slot;

    cr_expect(plan_find_task(slice_text("task-000017"), &number, &slot));
    cr_expect(number == 17 && slot == PLAN_OWN);
    cr_expect(plan_find_task(slice_text("task-000018/scenes"), &number, &slot));
    cr_expect(number == 18 && slot == PLAN_SCENES);
    cr_expect(plan_find_batch(slice_text("batch-000003"), &number) && number == 3);
    cr_expect_not(plan_find_task(slice_text("task-000018/scenes_2"), &number, &slot));
    cr_expect_not(plan_find_task(slice_text("bad-1"), &number, &slot));
    cr_expect_not(plan_find_task(slice_text("task-"), &number, &slot));
}

/* --- collect ---------------------------------------------------------------------------------- */

Test(chaos_collect, journal_and_callbacks)
{
    struct ledger ledger = {0};

    collect_journal(&ledger, slice_text("{\"op\":\"index_scene\",\"at\":7,\"callback_url\":"
                                        "\"/webhooks/index?id=task-000002%2Fscenes&n=3&sig=\"}\n"
                                        "{\"op\":\"upload\",\"at\":8,\"callback_url\":null}\n"));
    collect_callbacks(&ledger, slice_text("{\"fate\":\"lost\",\"at\":9,\"callback_url\":"
                                          "\"/webhooks/upload?id=task-000002&n=1&sig=\"}\n"));
    ledger_seal(&ledger);
    struct ledger_range range = ledger_of(&ledger, LEDGER_TASK, 2);
    cr_assert_eq(range.count, 2);
    cr_expect(ledger_is(&range.lines[0], LEDGER_PAID, "index_scene"));
    cr_expect(range.lines[0].slot == PLAN_SCENES && range.lines[0].attempt == 3);
    cr_expect(ledger_is(&range.lines[1], LEDGER_CALLBACK, "lost"));
    cr_expect_eq(ledger_of(&ledger, LEDGER_STRANGE, 0).count, 1);
    ledger_clear(&ledger);
}

Test(chaos_collect, logs)
{
    static const char log[] =
        "2026-01-02T03:04:05.678Z warn lease-lapsed id=task-000002/scenes attempt=1\n"
        "2026-01-02T03:04:06.000Z info redis-up connection=commands\n"
        "2026-01-02T03:04:06.000Z info redis-up connection=commands\n"
        "==7==ERROR: AddressSanitizer: heap-use-after-free\n";
    struct ledger ledger = {0};
    struct census census;

    census_init(&census);
    collect_log(&ledger, &census, "worker-1.1", slice_text(log));
    ledger_seal(&ledger);
    struct ledger_range range = ledger_of(&ledger, LEDGER_TASK, 2);
    cr_assert_eq(range.count, 1);
    cr_expect(range.lines[0].source == LEDGER_LAPSED && range.lines[0].slot == PLAN_SCENES);
    cr_expect_eq(range.lines[0].at_ms, 1767323045678);
    cr_expect_eq(census_of(&census, "redis-up"), 2);
    cr_expect_eq(census_of(&census, "redis-lost"), 0);
    cr_expect_eq(census.alarm_count, 1);
    census_clear(&census);
    ledger_clear(&ledger);
}
