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

/* --- the first child at once ------------------------------------------------------------------ */

/* The SEQ under which a worker holds the callback of the upload. */
#define CLAIM "77"

static struct transition_child two[] = {{(char[]){"a/words"}, (char[]){"words"}, (char[]){"{1}"}},
                                        {(char[]){"a/scenes"}, (char[]){"scenes"}, (char[]){"{}"}}};

static struct transition_chain chain_of(const char *seq, bool full)
{
    struct transition_chain chain = {
        .video_id = "m-7", .seq = slice_text(seq), .full = full, .count = 2, .children = two};

    transition_field(&chain.fields, "video_id", "m-7");
    transition_field(&chain.fields, "collection_id", "c-1");
    return chain;
}

static enum transition_result apply(struct queue_fixture *f, const struct record *record,
                                    const char *seq)
{
    struct transition_chain chain = chain_of(seq, false);

    return steps_chain(f, record, &chain);
}

static void expect_as_stored(struct queue_fixture *f, const struct record *first)
{
    const struct record *stored = steps_read(f, first->id);

    for (int i = 0; i < RECORD_COUNT; i++) {
        enum record_field field = (enum record_field)i;
        const char *wanted = field == RECORD_submitted_at ? "" : record_text(stored, field);
        cr_expect_str_eq(record_text(first, field), wanted, "%s", record_field_name(field));
    }
    cr_expect(first->now_ms > 1600000000000 && first->now_ms <= stored->now_ms);
}

Test(script_chain, the_first_child_takes_the_place_of_the_upload)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "b", 0);

    cr_assert_eq(apply(f, record, CLAIM), TRANSITION_DONE);
    cr_assert_not_null(f->first);
    cr_expect_str_eq(f->first->id, "a/words");
    EXPECT_ASK(f, "running " CLAIM " 1 1 call",
               "HMGET q:task:a/words state token attempt calls "
               "purpose");
    expect_as_stored(f, f->first);
    EXPECT_ASK(f, "a/words", "ZRANGE q:running 0 -1");
    EXPECT_ASK(f, "1", "EVAL %s 0",
               "local t, s = redis.call('TIME'), redis.call('ZSCORE', 'q:running', 'a/words') "
               "local left = s - t[1] * 1000 - t[2] / 1000 "
               "return left > 10000 and left <= 15000 and 1 or 0");
    EXPECT_ASK(f, "1", "LLEN q:tasks");
    EXPECT_ASK(f, "indexing 2 words scenes", "HMGET q:task:a state open labels");
    EXPECT_SOUND(f);

    struct record *words = f->first, *scenes = steps_resume(f);
    cr_assert_not_null(scenes);
    cr_expect_str_eq(scenes->id, "a/scenes", "the others are queued");
    cr_expect_eq(steps_end(f, words, true), TRANSITION_DONE);
    cr_expect_eq(steps_end(f, scenes, true), TRANSITION_DONE);
    EXPECT_ASK(f, "ready", "HGET q:task:a state");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_chain, a_lost_reply_finds_the_same_run_again)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_move wait = {.target = "awaiting", .delay_ms = 1000};

    apply(f, record, CLAIM);
    steps_lapse(f, "running", "a/words");
    cr_expect_eq(apply(f, record, CLAIM), TRANSITION_DONE, "sent again");
    cr_assert_not_null(f->first);
    expect_as_stored(f, f->first);
    EXPECT_ASK(f, "0", "ZCOUNT q:running 0 1000");
    EXPECT_ASK(f, "1", "LLEN q:tasks");
    EXPECT_ASK(f, "indexing 2", "HMGET q:task:a state open");
    EXPECT_SOUND(f);

    cr_expect_eq(apply(f, record, "78"), TRANSITION_STALE, "another claim has another run");
    cr_expect_null(f->first);
    steps_move(f, steps_read(f, "a/words"), &wait);
    cr_expect_eq(apply(f, record, CLAIM), TRANSITION_STALE, "somebody has recovered it");
    cr_expect_null(f->first);
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* What stands in its way: it is queued then, and counts no call. */
static const struct {
    const char *what, *prepare, *undo, *seq;
    bool full, starts;
} obstacles[] = {
    {"nothing", "PING", "PING", CLAIM, false, true},
    {"the writer cannot", "PING", "PING", "", false, false},
    {"a pause", "SET q:pause 99999999999999", "DEL q:pause", CLAIM, false, false},
    {"a pause that is over", "SET q:pause 99999999999999 PX 1", "PING", CLAIM, false, true},
    {"a pace", "HSET q:pace interval 5 next 1", "DEL q:pace", CLAIM, false, false},
    {"calls from before", "HSET q:task:a/words calls 4", "PING", CLAIM, false, false},
    {"an idle worker", "PING", "PING", CLAIM, true, false},
    {"no idle worker", "RPUSH q:tasks {}", "PING", CLAIM, true, true},
};

Test(script_chain, the_first_child_waits_like_others)
{
    for (size_t i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct record *record = steps_start(f, "a", "", 0);
        struct transition_chain chain = chain_of(obstacles[i].seq, obstacles[i].full);
        queue_fixture_ask(f, obstacles[i].prepare);
        queue_fixture_ask(f, "PEXPIRE q:task:a/words 60000"); /* a record that is there goes soon */
        wait_ms(f->loop, 3);
        cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_DONE, "%s", obstacles[i].what);
        cr_expect_eq(f->first != NULL, obstacles[i].starts, "%s", obstacles[i].what);
        EXPECT_SOUND(f);
        queue_fixture_ask(f, obstacles[i].undo);
        if (!obstacles[i].starts) {
            int64_t before = strstr(obstacles[i].prepare, "calls") != NULL ? 4 : 0;
            const struct record *words = steps_resume(f);
            cr_assert_not_null(words, "%s", obstacles[i].what);
            cr_expect_str_eq(words->id, "a/words", "%s", obstacles[i].what);
            cr_expect_eq(record_int(words, RECORD_calls), before + 1, "%s", obstacles[i].what);
            EXPECT_ASK(f, "-1", "TTL q:task:a/words");
        }
        queue_fixture_free(f);
    }
}

/* A limit of what VideoDB has counts what is running or awaiting: a place must be left there. */
Test(script_chain, the_upload_must_leave_a_place)
{
    static const struct {
        const char *target;
        bool starts;
    } places[] = {{"awaiting", true}, {"delayed", false}, {"queued", false}};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct transition_move move = {.target = places[i].target, .mark = "?", .delay_ms = 100000};
        steps_move(f, steps_start(f, "a", "", 0), &move);
        cr_expect_eq(apply(f, steps_read(f, "a"), CLAIM), TRANSITION_DONE, "%s", places[i].target);
        cr_expect_eq(f->first != NULL, places[i].starts, "%s", places[i].target);
        EXPECT_SOUND(f);
        queue_fixture_free(f);
    }
}

Test(script_chain, what_is_refused_starts_nothing)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_chain chain = chain_of(CLAIM, false);

    chain.found = true;
    queue_fixture_ask(f, "SET q:video:m-7 other");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_CLAIMED);
    cr_expect_null(f->first);
    EXPECT_ASK(f, "0", "EXISTS q:task:a/words q:tasks");
    queue_fixture_ask(f, "SET q:video:m-7 a");
    record_set(record, RECORD_token, "99");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_STALE);
    cr_expect_null(f->first);
    record_set(record, RECORD_token, "1");
    chain.lapsed = true;
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_STALE, "the lease holds");
    steps_lapse(f, "running", "a");
    cr_expect_eq(steps_chain(f, record, &chain), TRANSITION_DONE);
    cr_expect_not_null(f->first);
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}
