#include <stdlib.h>
#include <string.h>

#include "support/steps.h"

Test(script_renew, extends_leases_and_names_those_that_are_lost)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *a = steps_start(f, "a", "", 0), *b = steps_start(f, "b", "", 0);
    struct transition_move queue = {.target = "queued", .mark = "@"};
    struct presence_lease leases[] = {
        {"a", record_text(a, RECORD_token)}, {"b", record_text(b, RECORD_token)}, {"nobody", "1"}};
    struct presence presence = {.worker = "h:1:x",
                                .started_at_ms = 77,
                                .runs = 3,
                                .concurrency = 16,
                                .memory_bytes = 4096,
                                .ready = 5,
                                .failed = 1,
                                .api = "is \"ill\"",
                                .count = 3,
                                .leases = leases};

    steps_lapse(f, "running", "a");
    steps_move(f, b, &queue);
    for (int i = 0; i < 2; i++) {
        cr_expect_str_eq(steps_renew(f, &presence), " b nobody");
        cr_expect(!f->away);
    }
    cr_expect(strtod(queue_fixture_ask(f, "ZSCORE q:running a"), NULL) > 1600000000000);
    EXPECT_ASK(f, "a", "ZRANGE q:running 0 -1");
    EXPECT_ASK(f, "h:1:x", "ZRANGE q:workers 0 -1");
    EXPECT_ASK(f, "3 77 " REELQ_VERSION, "HMGET q:worker:h:1:x runs started_at version");
    EXPECT_ASK(f, "16 4096 5 1 is \"ill\"",
               "HMGET q:worker:h:1:x concurrency memory ready failed api");
    cr_expect(strtol(queue_fixture_ask(f, "PTTL q:worker:h:1:x"), NULL, 10) > 80000000);
    EXPECT_SOUND(f);

    cr_assert_not_null(steps_resume(f), "another worker has it now");
    cr_expect_str_eq(steps_renew(f, &presence), " b nobody", "its token is another");
    queue_fixture_free(f);
}

Test(script_renew, forgets_workers_after_a_day)
{
    struct queue_fixture *f = queue_fixture_new();
    struct presence presence = {.worker = "w"};

    queue_fixture_ask(f, "ZADD q:workers 1 long-gone");
    cr_expect_str_eq(steps_renew(f, &presence), "");
    EXPECT_ASK(f, "w", "ZRANGE q:workers 0 -1");
    queue_fixture_free(f);
}

Test(script_pause, is_only_ever_extended_and_ends)
{
    struct queue_fixture *f = queue_fixture_new();

    presence_pause(&f->queue, 30000);
    presence_pause(&f->queue, 1000);
    presence_pause(&f->queue, 0);
    steps_push(f, "{}");
    cr_expect_eq(steps_claim(f, 1), 0);
    cr_expect(f->pause_ms > 25000 && f->pause_ms <= 30000, "%ld", (long)f->pause_ms);
    cr_expect_eq(f->waiting, 1);
    cr_expect(strtol(queue_fixture_ask(f, "PTTL q:pause"), NULL, 10) > 25000);
    queue_fixture_ask(f, "DEL q:pause");
    presence_pause(&f->queue, 20);
    cr_expect_eq(steps_claim(f, 1), 0);
    wait_ms(f->loop, f->pause_ms + 1);
    cr_expect_eq(steps_claim(f, 1), 1);
    cr_expect_eq(f->pause_ms, 0);
    queue_fixture_free(f);
}

Test(script_event, one_line_in_the_capped_stream)
{
    struct queue_fixture *f = queue_fixture_new();

    presence_event(&f->queue, "duplicate", "a", "\"video_id\":\"m-1\",\"kept\":\"m-2\"");
    presence_event(&f->queue, "seen", "a/b", "");
    steps_read(f, "a");
    cr_expect_str_eq(queue_fixture_events(f),
                     "duplicate a {\"event\":\"duplicate\",\"id\":\"a\",\"video_id\":\"m-1\","
                     "\"kept\":\"m-2\",\"at\":T}\n"
                     "seen a/b {\"event\":\"seen\",\"id\":\"a/b\",\"at\":T}\n");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    queue_fixture_free(f);
}
