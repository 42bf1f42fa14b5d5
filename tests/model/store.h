/* store - what stands in Redis about one upload, its indexes and its batch, and the scripts as
 * atomic steps on it. Everything is a byte, so that two stores can be compared as bytes.
 * Field names are those of docs/redis.md. Time is left out: a lease or a wait ends by an op of its
 * own. So are expiry, pauses and the pace after them, limits, batch items and other uploads. */
#ifndef REELQ_TESTS_STORE_H
#define REELQ_TESTS_STORE_H

#include <stdbool.h>
#include <stdint.h>

/* Task 0 is the upload, 1 and 2 are its indexes. */
enum { TASKS = 3, MAX_INDEXES = 2 };
enum { MAX_WAITING = 10, MAX_LANDING = 2, MAX_QUESTIONS = 4, MAX_TAKEN = 6 };

enum state { NO_RECORD, QUEUED, RUNNING, AWAITING, DELAYED, INDEXING, READY, FAILED };
enum purpose { NO_PURPOSE, TO_CALL, TO_ASK };
enum why { NO_WHY, WHY_CALLBACK, WHY_UNKNOWN, WHY_FAILING };

/* An upload as JSON, the bare id of the task, JSON that cannot be a task, ID@TOKEN, ID?TOKEN. */
enum item_kind { NO_ITEM, ITEM_UPLOAD, ITEM_ID, ITEM_MISTAKE, ITEM_CALL, ITEM_QUESTION };
struct item {
    uint8_t kind, task, token; /* of JSON, in place of a token: the size of the batch */
};

/* SEQ:ITEM in `taken`. */
struct member {
    uint8_t seq, lapsed;
    struct item item;
};

struct task {
    uint8_t state, token, attempt, calls, purpose, why, crashes, output_url;
    uint8_t grace_over;           /* so much time has passed since `since` */
    uint8_t video;                /* of which job, from 1; 0: none */
    uint8_t open;                 /* of a parent */
    uint8_t outcome[MAX_INDEXES]; /* of a parent: 0, READY or FAILED */
};

struct store {
    uint8_t waiting_count, landing_count, question_count, taken_count, seq;
    struct item waiting[MAX_WAITING], landing[MAX_LANDING]; /* the front is last */
    struct item questions[MAX_QUESTIONS];                   /* the same */
    struct member taken[MAX_TAKEN];                         /* by SEQ */
    uint8_t running, awaiting, delayed, dead;               /* bit T: task T is in there */
    uint8_t lapsed;                                         /* of those running */
    struct task task[TASKS];
    struct {
        uint8_t total, members, ready, failed, announced;
    } batch;
    uint8_t ready_messages, failed_messages, batch_messages; /* published; of mistakes too */
};

/* Does this item still mean anything to the task that it names? */
bool store_item_counts(const struct store *store, const struct item *item);

#endif
