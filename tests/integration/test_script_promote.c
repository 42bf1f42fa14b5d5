#include "support/steps.h"

/* Promotion has no callback of its own: the reply to a read comes after it. */
static void promote(struct queue_fixture *f, const char *set, const char *id)
{
    struct queue_promotion promotion = {.ids = &id, .count = 1};

    (set[0] == 'd' ? queue_promote_delayed : queue_promote_awaiting)(&f->queue, &promotion);
    steps_read(f, id);
}

Test(script_promote, what_is_due_goes_to_the_front)
{
    static const struct {
        const char *set, *list, *item, *purpose;
    } cases[] = {{"delayed", "q:tasks", "a@2", "call"}, {"awaiting", "q:questions", "a?2", "ask"}};
    for (size_t i = 0; i < 2; i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct record *record = steps_start(f, "a", "", 0);
        struct transition_move move = {.target = cases[i].set, .delay_ms = 60000};

        steps_move(f, record, &move);
        promote(f, cases[i].set, "a");
        EXPECT_ASK(f, "0", "LLEN q:tasks");
        EXPECT_SOUND(f);
        steps_lapse(f, cases[i].set, "a");
        steps_push(f, "{}");
        promote(f, cases[i].set, "a");
        EXPECT_ASK(f, "0", "EXISTS q:delayed q:awaiting");
        promote(f, cases[i].set, "a");
        EXPECT_ASK(f, cases[i].item, "LINDEX %s -1", cases[i].list);
        EXPECT_ASK(f, i == 0 ? "2" : "1", "LLEN %s", cases[i].list);
        EXPECT_ASK(f, "0", "EXISTS q:delayed q:awaiting");
        EXPECT_ASK(f, "queued", "HGET q:task:a state");
        EXPECT_ASK(f, cases[i].purpose, "HGET q:task:a purpose");
        EXPECT_SOUND(f);
        cr_expect_not_null(steps_resume(f));
        EXPECT_SOUND(f);
        queue_fixture_free(f);
    }
}

Test(script_promote, an_entry_without_its_task_is_removed)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_start(f, "a", "", 0);
    queue_fixture_ask(f, "ZADD q:delayed 1 a 1 nobody");
    promote(f, "delayed", "a");
    promote(f, "delayed", "nobody");
    EXPECT_ASK(f, "0", "EXISTS q:delayed q:tasks q:task:nobody");
    EXPECT_ASK(f, "running", "HGET q:task:a state");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_promote, a_lease_without_its_run_is_removed)
{
    struct queue_fixture *f = queue_fixture_new();

    steps_start(f, "a", "", 0);
    steps_lapse(f, "running", "a");
    queue_fixture_ask(f, "ZADD q:running 1 nobody");
    queue_forget_running(&f->queue, "nobody");
    queue_forget_running(&f->queue, "a");
    steps_read(f, "a");
    EXPECT_ASK(f, "a", "ZRANGE q:running 0 -1");
    EXPECT_ASK(f, "running", "HGET q:task:a state");
    queue_fixture_free(f);
}
