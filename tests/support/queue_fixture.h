/* queue_fixture - the queue layer on a private Redis: prefix "q:", leases of 15 s, retention 60 s.
 * What cannot be done ends the test process with a line that says why. */
#ifndef REELQ_TESTS_QUEUE_FIXTURE_H
#define REELQ_TESTS_QUEUE_FIXTURE_H

#include <criterion/criterion.h>

#include "queue/admission.h"
#include "queue/transition.h"
#include "support/redis_server.h"
#include "support/wait.h"

enum { FIXTURE_WAIT_MS = 10000, FIXTURE_MAX_RECORDS = 512 };

struct queue_fixture {
    struct redis_server *server;
    struct loop *loop;
    struct redis_url url;
    struct redis *redis;
    struct queue queue;
    unsigned ups, answers; /* callbacks so far, of every kind */

    struct redisContext *asking, *subscriber;
    struct buffer text, messages;
    char *last_event; /* its id in the stream */
    struct record *records[FIXTURE_MAX_RECORDS];
    size_t record_count;

    /* What the last call of each kind brought; texts are valid until the next one. */
    bool away;
    int64_t pause_ms, waiting, next_ms, expanded;
    size_t count;
    char *members[QUEUE_MAX_ITEMS];
    struct admission_result admitted[QUEUE_MAX_ITEMS];
    struct record *read, *first;
    enum transition_result result;
    char *batches, *ended;
    int64_t took_ms;
    bool accepted;
};

struct queue_fixture *queue_fixture_new(void);
struct queue_fixture *queue_fixture_new_with(const char *const options[]);

/* For a zeroed fixture with a loop and another server: only the connection and the queue. */
void queue_fixture_connect(struct queue_fixture *f, const struct redis_url *url);

/* Ends the connection and the scripts only: calls that wait get their last word. */
void queue_fixture_close(struct queue_fixture *f);
void queue_fixture_free(struct queue_fixture *f);

/* Starts the server again, killing it where needed; what asks and listens connects anew. */
void queue_fixture_restart(struct queue_fixture *f);

/* Runs the loop until `answers` callbacks have run since the start. */
void queue_fixture_wait(struct queue_fixture *f, unsigned answers);

/* Keeps the record until the fixture is freed; returns it. */
struct record *queue_fixture_keep(struct queue_fixture *f, struct record *record);

/* One command on a connection of its own; the reply as text, elements with a space between them,
 * "(nil)" for none. Valid until the next call. */
const char *queue_fixture_ask(struct queue_fixture *f, const char *format, ...);

/* Published since the last call, "CHANNEL JSON\n" each; times stand there as T. */
const char *queue_fixture_messages(struct queue_fixture *f);

/* New entries of the stream since the last call, "EVENT ID JSON\n" each, without times. */
const char *queue_fixture_events(struct queue_fixture *f);

/* What is wrong with the homes of the live records, "" for nothing: each in exactly one. */
const char *queue_fixture_flaw(struct queue_fixture *f);

#define EXPECT_ASK(f, expected, ...)                                                               \
    cr_expect_str_eq(queue_fixture_ask((f), __VA_ARGS__), (expected), "%s", #__VA_ARGS__)
#define EXPECT_SOUND(f) cr_expect_str_eq(queue_fixture_flaw(f), "")

#endif
