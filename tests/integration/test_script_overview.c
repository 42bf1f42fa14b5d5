#include <stdlib.h>
#include <string.h>

#include "queue/overview.h"
#include "support/steps.h"

struct seen {
    struct queue_fixture *f;
    bool away;
    struct overview overview;
    char *next_task;
};

static void on_overview(const struct overview *overview, void *arg)
{
    struct seen *seen = arg;

    seen->f->answers++;
    seen->away = overview == NULL;
    free(seen->next_task);
    seen->next_task = NULL;
    if (seen->away)
        return;
    seen->overview = *overview;
    seen->next_task = slice_copy(overview->next_task);
}

static void look(struct seen *seen)
{
    unsigned before = seen->f->answers;

    overview_read(&seen->f->queue, on_overview, seen);
    queue_fixture_wait(seen->f, before + 1);
}

static void expect_items(const struct seen *seen, const int64_t wanted[OVERVIEW_PLACES])
{
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        cr_expect_eq(seen->overview.items[i], wanted[i], "place %d: %ld", i,
                     (long)seen->overview.items[i]);
}

Test(script_overview, of_nothing)
{
    static const int64_t none[OVERVIEW_PLACES] = {0};
    struct seen seen = {.f = queue_fixture_new()};

    look(&seen);
    cr_assert_not(seen.away);
    expect_items(&seen, none);
    for (int i = 0; i < OVERVIEW_SETS; i++)
        cr_expect_eq(seen.overview.overdue_ms[i], 0);
    cr_expect_eq(seen.overview.pause_ms + seen.overview.callback_age_ms, 0);
    cr_expect_eq(seen.overview.interval_ms, 0);
    cr_expect_str_eq(seen.next_task, "");
    free(seen.next_task);
    queue_fixture_free(seen.f);
}

/* Each with the time of a minute ago, where it wants one. */
static const char *const everything[] = {
    "RPUSH q:tasks t5 t4 t3",
    "RPUSH q:tasks:landing t2",
    "RPUSH q:callbacks 5 4 3",
    "RPUSH q:callbacks:landing {\"kind\":\"upload\",\"id\":\"a\",\"call\":1,\"received_at\":%lld,",
    "RPUSH q:questions a?1 b?2",
    "ZADD q:taken 1 a",
    "ZADD q:callbacks:taken 1 a 2 b 3 c",
    "ZADD q:running %lld a 99999999999999 b",
    "ZADD q:awaiting 99999999999999 a 99999999999998 b 99999999999999 c",
    "ZADD q:delayed %lld.5 a",
    "ZADD q:dead 1 a 2 b 3 c 4 d 5 e",
    "SET q:pause 99999999999999",
    "HSET q:pace interval 31.5",
};

Test(script_overview, of_everything)
{
    static const int64_t wanted[OVERVIEW_PLACES] = {4, 4, 2, 1, 3, 2, 3, 1, 5};
    struct seen seen = {.f = queue_fixture_new()};

    look(&seen);
    long long ago = (long long)seen.overview.now_ms - 60000;
    for (size_t i = 0; i < sizeof(everything) / sizeof(everything[0]); i++) {
        queue_fixture_ask(seen.f, everything[i], ago);
    }
    look(&seen);
    expect_items(&seen, wanted);
    const struct overview *overview = &seen.overview;
    cr_expect(overview->overdue_ms[OVERVIEW_LEASES] >= 60000);
    cr_expect_eq(overview->overdue_ms[OVERVIEW_DEADLINES], 0);
    cr_expect(overview->overdue_ms[OVERVIEW_DELAYS] >= 59999);
    cr_expect(overview->callback_age_ms >= 60000 && overview->callback_age_ms < 120000);
    cr_expect(overview->pause_ms > 1000000);
    cr_expect_eq(overview->interval_ms, 31.5);
    cr_expect_str_eq(seen.next_task, "2 t2 t2", "landing comes first");
    queue_fixture_ask(seen.f, "DEL q:tasks:landing");
    look(&seen);
    cr_expect_str_eq(seen.next_task, "2 t3 t3");
    free(seen.next_task);
    queue_fixture_free(seen.f);
}

/* A long item costs little to look at, and does not look like another one of its length. */
Test(script_overview, cuts_what_is_next)
{
    struct seen seen = {.f = queue_fixture_new()};
    char item[100001];

    memset(item, 'x', sizeof(item) - 1);
    item[sizeof(item) - 1] = '\0';
    item[sizeof(item) - 3] = 'y';
    queue_fixture_ask(seen.f, "LPUSH q:tasks %s", item);
    look(&seen);
    cr_expect(strlen(seen.next_task) < 300);
    cr_expect_eq(strncmp(seen.next_task, "100000 xxx", 10), 0);
    cr_expect_str_eq(seen.next_task + strlen(seen.next_task) - 4, "xxyx");
    free(seen.next_task);
    queue_fixture_free(seen.f);
}

Test(script_overview, without_redis)
{
    struct seen seen = {.f = queue_fixture_new()};

    redis_server_kill(seen.f->server);
    look(&seen);
    cr_expect(seen.away);
    queue_fixture_free(seen.f);
}
