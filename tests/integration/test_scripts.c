/* How calls reach Redis: one that forgot the scripts, is full, cannot write, or went away. */
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "support/fake_redis.h"
#include "support/steps.h"

static const char *const lasting[] = {"--appendonly", "yes", NULL};

/* What claims brought, in the order of their replies. */
struct claims {
    unsigned replies, away;
    struct buffer members;
};

static void on_claimed(const struct queue_claim *claim, void *arg)
{
    struct claims *claims = arg;

    claims->replies++;
    claims->away += claim == NULL;
    for (size_t i = 0; claim != NULL && i < claim->count; i++) {
        buffer_add_slice(&claims->members, claim->members[i]);
        buffer_add_char(&claims->members, ' ');
    }
}

static void on_transition(enum transition_result result, const struct transition_news *news,
                          void *arg)
{
    struct queue_fixture *f = arg;

    (void)news;
    f->answers++;
    f->result = result;
}

Test(scripts, forgotten_scripts_are_sent_as_text_also_within_a_pipeline)
{
    struct queue_fixture *f = queue_fixture_new();
    struct queue_claim_request one = {.list = QUEUE_TASKS, .n = 1};
    struct claims claims = {.members = BUFFER(1024)};

    for (int i = 0; i < 5; i++) {
        steps_push(f, "{}");
    }
    queue_fixture_ask(f, "SCRIPT FLUSH");
    cr_expect_eq(steps_claim(f, 1), 1);
    queue_claim(&f->queue, &one, on_claimed, &claims);
    redis_send_text(f->redis, NULL, NULL, "SCRIPT", "FLUSH", NULL);
    for (int i = 0; i < 3; i++) {
        queue_claim(&f->queue, &one, on_claimed, &claims);
    }
    cr_assert(wait_for_count(f->loop, &claims.replies, 4, FIXTURE_WAIT_MS));
    cr_expect_eq(claims.away, 0);
    cr_expect_str_eq(buffer_text(&claims.members), "2:{} 3:{} 4:{} 5:{} ");
    EXPECT_ASK(f, "5", "ZCARD q:taken");
    buffer_clear(&claims.members);
    queue_fixture_free(f);
}

Test(scripts, a_full_redis_refuses_new_items_and_still_drains)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *a, *b, *words;
    struct transition_move queue = {.target = "queued", .mark = "@"};

    steps_push(f, "{}");
    b = steps_start(f, "b", "x", 2);
    steps_push(f, "{}");
    queue_fixture_ask(f, "CONFIG SET maxmemory-policy noeviction maxmemory 1");
    cr_expect(slice_starts_with(slice_text(queue_fixture_ask(f, "LPUSH q:tasks {}")), "OOM"));
    cr_expect_eq(steps_claim(f, 1), 1);
    struct admission admission = steps_upload(f->members[0], "a", "x");
    steps_admit(f, &admission, 1);
    a = f->admitted[0].record;
    cr_assert_not_null(a);
    record_set(a, RECORD_batch, "x");
    record_set(a, RECORD_max_attempts, "3");
    cr_expect_eq(steps_index(f, a, "m-1"), TRANSITION_DONE);
    words = steps_resume(f);
    cr_expect_eq(steps_end(f, words, true), TRANSITION_DONE);
    cr_expect_eq(steps_end(f, steps_resume(f), true), TRANSITION_DONE);
    cr_expect_eq(steps_move(f, b, &queue), TRANSITION_DONE);
    cr_expect_eq(steps_end(f, steps_resume(f), false), TRANSITION_DONE);
    cr_expect_not_null(strstr(queue_fixture_messages(f), "\"ready\":1,\"failed\":1"));
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

/* Sends the call while the server is stopped, kills it and starts it again: the reply is lost. */
Test(scripts, persistent_calls_are_sent_again_to_a_redis_that_comes_back)
{
    struct queue_fixture *f = queue_fixture_new_with(lasting);
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_finish finish = {.ready = true};
    struct queue_claim_request one = {.list = QUEUE_TASKS, .n = 1};
    struct claims claims = {.members = BUFFER(1024)};
    unsigned before = f->answers;

    redis_server_pause(f->server);
    queue_claim(&f->queue, &one, on_claimed, &claims);
    transition_finish(&f->queue, record, &finish, (struct transition_end){on_transition, f});
    wait_ms(f->loop, 20);
    redis_server_kill(f->server);
    cr_assert(wait_for_count(f->loop, &claims.away, 1, FIXTURE_WAIT_MS), "claims do not persist");
    presence_pause(&f->queue, 60000);
    wait_ms(f->loop, 50);
    cr_expect_eq(f->answers, before);
    queue_fixture_restart(f);
    queue_fixture_wait(f, before + 1);
    cr_expect_eq(f->result, TRANSITION_DONE);
    EXPECT_ASK(f, "ready", "HGET q:task:a state");
    EXPECT_ASK(f, "1", "XLEN q:events");
    EXPECT_SOUND(f);
    steps_claim(f, 1);
    cr_expect(f->pause_ms > 50000, "sent while it was away");
    cr_expect_eq(f->ups, 2);
    queue_fixture_free(f);
}

Test(scripts, a_redis_that_lost_everything_makes_calls_outdated)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    unsigned before = f->answers;
    struct transition_finish finish = {.ready = true};

    redis_server_kill(f->server);
    transition_finish(&f->queue, record, &finish, (struct transition_end){on_transition, f});
    queue_fixture_restart(f);
    queue_fixture_wait(f, before + 1);
    cr_expect_eq(f->result, TRANSITION_STALE);
    EXPECT_ASK(f, "0", "DBSIZE");
    queue_fixture_free(f);
}

Test(scripts, persistent_calls_outlast_a_redis_that_cannot_write)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_finish finish = {.ready = true};
    unsigned before = f->answers;

    queue_fixture_ask(f, "REPLICAOF 127.0.0.1 1");
    transition_finish(&f->queue, record, &finish, (struct transition_end){on_transition, f});
    wait_ms(f->loop, 300);
    cr_expect_eq(f->answers, before);
    queue_fixture_ask(f, "REPLICAOF NO ONE");
    queue_fixture_wait(f, before + 1);
    cr_expect_eq(f->result, TRANSITION_DONE);
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(scripts, the_end_answers_what_still_waits)
{
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_start(f, "a", "", 0);
    struct transition_finish finish = {.ready = true};
    unsigned before = f->answers;

    redis_server_kill(f->server);
    for (int i = 0; i < 2; i++) {
        transition_finish(&f->queue, record, &finish, (struct transition_end){on_transition, f});
        wait_ms(f->loop, i == 0 ? 300 : 0);
    }
    cr_expect_eq(f->answers, before);
    queue_fixture_close(f);
    cr_expect_eq(f->answers, before + 2);
    cr_expect_eq(f->result, TRANSITION_ENDED);
    queue_fixture_free(f);
}

Test(scripts, a_request_of_a_mebibyte_comes_back_byte_for_byte)
{
    enum { SIZE = 1 << 20 };
    struct queue_fixture *f = queue_fixture_new();
    struct transition_move queue = {.target = "queued", .mark = "@"};
    char *big = xcalloc(1, SIZE + 1);
    struct record *record;

    for (size_t i = 0; i < SIZE; i++) {
        big[i] = (char)(i * 131 % 255 + 1);
    }
    steps_push(f, "{}");
    steps_claim(f, 1);
    struct admission admission = steps_upload(f->members[0], "a", "");
    admission.request = big;
    steps_admit(f, &admission, 1);
    steps_move(f, f->admitted[0].record, &queue);
    record = steps_resume(f);
    cr_assert_not_null(record);
    cr_expect(record_is(record, RECORD_request, big));
    free(big);
    queue_fixture_free(f);
}

/* A server before Redis 7: it knows no flags, and wraps the errors of commands. */
struct old_server {
    unsigned loads, texts;
};

static const char *answer_as_6(const char *name, unsigned number, void *arg)
{
    struct old_server *old = arg;

    (void)number;
    if (strcmp(name, "SCRIPT") == 0) {
        old->loads++;
        return old->loads <= SCRIPT_COUNT
                   ? "-ERR Error compiling script (new function): user_script:1: '#'\r\n"
                   : "$40\r\n0123456789012345678901234567890123456789\r\n";
    }
    if (strcmp(name, "EVAL") != 0) {
        return strcmp(name, "PING") == 0 ? "+PONG\r\n" : "+OK\r\n";
    }
    old->texts++;
    return old->texts == 1   ? "-ERR Error compiling script (new function): user_script:1: '#'\r\n"
           : old->texts == 2 ? "-ERR Error running script (call to f_0): @user_script:1: "
                               "@user_script: 1: -OOM command not allowed\r\n"
                             : ":1\r\n";
}

Test(scripts, a_server_without_flags)
{
    struct queue_fixture f = {.loop = loop_new()};
    struct old_server old = {0};
    struct fake_redis *fake = fake_redis_new(f.loop, answer_as_6, &old);
    struct redis_url url = fake_redis_url(fake);
    struct record *record = record_new("a");
    struct transition_move move = {.target = "queued", .mark = "@"};

    queue_fixture_connect(&f, &url);
    cr_assert(wait_for_count(f.loop, &f.ups, 1, FIXTURE_WAIT_MS));
    transition_move(&f.queue, record, &move, (struct transition_end){on_transition, &f});
    queue_fixture_wait(&f, 1);
    cr_expect_eq(f.result, TRANSITION_DONE);
    cr_expect_eq(old.texts, 3, "flagged, plain, and again when it can write");
    queue_fixture_close(&f);
    record_free(record);
    fake_redis_free(fake);
    redis_url_clear(&url);
    keys_clear(&f.queue.keys);
    loop_free(f.loop);
}
