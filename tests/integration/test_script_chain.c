#include <stdlib.h>
#include <string.h>

#include "support/steps.h"

#define CHILD_DONE    "\"words\":{\"state\":\"done\"}"
#define SCENES_FAILED "\"scenes\":{\"state\":\"failed\"}"

/* An upload whose two children wait in the list. */
static struct record *chained(struct queue_fixture *f)
{
    struct record *record = steps_start(f, "a", "", 0);

    cr_assert_eq(steps_index(f, record, "m-7"), TRANSITION_DONE);
    return record;
}

Test(script_chain, makes_the_children_and_queues_them_in_the_order_asked)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record, *child;

    steps_push(f, "{}");
    steps_push(f, "{}");
    record = chained(f);
    EXPECT_ASK(f, "indexing 2 words scenes m-7 m-7 c-1", "EVAL %s 1 q:task:a",
               "local r = redis.call('HMGET', KEYS[1], 'state', 'open', 'labels', 'video_id', "
               "'collection_id') table.insert(r, 5, r[4]) return r");
    EXPECT_ASK(f, "a", "GET q:video:m-7");
    EXPECT_ASK(f, "0", "EXISTS q:running");
    cr_expect_str_eq(
        queue_fixture_events(f),
        "uploaded a {\"event\":\"uploaded\",\"id\":\"a\",\"video_id\":\"m-7\",\"at\":T}\n");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_ASK(f, "queued index 0 3 {\"w\":1} a words call m-7 c-1 ",
               "HMGET q:task:a/words state kind attempt max_attempts request parent label purpose "
               "video_id collection_id batch");
    EXPECT_SOUND(f);

    child = steps_resume(f);
    cr_assert_not_null(child);
    cr_expect_str_eq(child->id, "a/words", "before waiting tasks, in the order asked");
    cr_expect_eq(record_int(child, RECORD_attempt), 1);
    cr_expect(record_is(child, RECORD_parent, "a"));
    child = steps_resume(f);
    cr_assert_not_null(child);
    cr_expect_str_eq(child->id, "a/scenes");
    EXPECT_SOUND(f);

    cr_expect_eq(steps_index(f, record, "m-8"), TRANSITION_STALE, "twice");
    EXPECT_ASK(f, "m-7", "HGET q:task:a video_id");
    EXPECT_ASK(f, "0", "EXISTS q:video:m-8");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_chain, the_last_child_makes_the_parent_ready)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *words, *scenes;

    chained(f);
    words = steps_resume(f);
    scenes = steps_resume(f);
    queue_fixture_events(f);
    cr_expect_eq(steps_end(f, scenes, true), TRANSITION_DONE);
    EXPECT_ASK(f, "indexing 1", "HMGET q:task:a state open");
    EXPECT_SOUND(f);
    cr_expect_eq(steps_end(f, scenes, true), TRANSITION_STALE, "twice");
    EXPECT_ASK(f, "indexing 1", "HMGET q:task:a state open");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    cr_expect_eq(steps_end(f, words, true), TRANSITION_DONE);
    cr_expect_str_eq(queue_fixture_messages(f),
                     "ready {\"event\":\"ready\",\"id\":\"a\",\"video_id\":\"m-7\",\"indexes\":{"
                     "\"words\":{\"state\":\"done\"},\"scenes\":{\"state\":\"done\"}}," STEPS_META
                     ",\"attempts\":1,\"submitted_at\":T,\"ready_at\":T}\n");
    cr_expect_not_null(strstr(queue_fixture_events(f), "indexed a/scenes {\"event\":\"indexed\""));
    EXPECT_ASK(f, "ready", "HGET q:task:a state");
    EXPECT_ASK(f, "ready", "HGET q:task:a/words state");
    EXPECT_ASK(f, "0", "EXISTS q:dead q:running");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_chain, a_failed_child_fails_the_parent_when_all_are_through)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *words, *scenes;

    chained(f);
    words = steps_resume(f);
    scenes = steps_resume(f);
    steps_end(f, scenes, false);
    EXPECT_ASK(f, "indexing 1 scenes", "HMGET q:task:a state open failed_labels");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_ASK(f, "0", "EXISTS q:dead");
    EXPECT_SOUND(f);
    steps_end(f, words, true);
    cr_expect_str_eq(queue_fixture_messages(f),
                     "failed {\"event\":\"failed\",\"id\":\"a\",\"stage\":\"upload\",\"error\":"
                     "\"Download failed.\",\"video_id\":\"m-7\",\"indexes\":{" CHILD_DONE
                     "," SCENES_FAILED "}," STEPS_META
                     ",\"attempts\":1,\"submitted_at\":T,\"failed_at\":T}\n");
    EXPECT_ASK(f, "a", "ZRANGE q:dead 0 -1");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_chain, a_parent_that_is_gone_is_not_made_again)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *words;

    chained(f);
    words = steps_resume(f);
    queue_fixture_ask(f, "DEL q:task:a");
    cr_expect_eq(steps_end(f, words, true), TRANSITION_DONE);
    EXPECT_ASK(f, "ready", "HGET q:task:a/words state");
    EXPECT_ASK(f, "0", "EXISTS q:task:a");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    queue_fixture_free(f);
}

Test(script_chain, a_video_found_by_name_must_be_free)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_child child = {(char[]){"a/words"}, (char[]){"words"}, (char[]){"{}"}};
    struct transition_chain chain = {
        .found = true, .lapsed = true, .video_id = "m-7", .count = 1, .children = &child};

    transition_field(&chain.fields, "video_id", "m-7");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_STALE, "the lease has not ended");
    steps_lapse(f, "running", "a");
    queue_fixture_ask(f, "SET q:video:m-7 other");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_CLAIMED);
    EXPECT_ASK(f, "0", "EXISTS q:task:a/words q:tasks");
    EXPECT_ASK(f, "0", "HEXISTS q:task:a video_id");
    EXPECT_SOUND(f);
    queue_fixture_ask(f, "SET q:video:m-7 a");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_DONE, "its own");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}
