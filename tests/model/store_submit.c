/* The scripts that take items in: claim, admit, rerun, reject. */
#include <assert.h>
#include <string.h>

#include "model/store_parts.h"

/* --- claim --- */

/* The row of what has come back: a question, or nothing but others, or NO_ROW. */
static uint8_t return_lapsed(struct store *store)
{
    uint8_t row = NO_ROW;

    for (unsigned i = store->taken_count; i-- > 0;) {
        struct member member = store->taken[i];
        if (!member.lapsed)
            continue;
        store_put_back(store, member.item);
        store_leave_taken(store, member.seq);
        if (row != CLAIM_QUESTION_BACK)
            row = member.item.kind == ITEM_QUESTION ? CLAIM_QUESTION_BACK : CLAIM_RETURNED;
    }
    return row;
}

/* Questions come first, then landing. */
static struct item take_first(struct store *store)
{
    if (store->question_count > 0)
        return store_pop_front(store->questions, &store->question_count);
    if (store->landing_count > 0)
        return store_pop_front(store->landing, &store->landing_count);
    return store_pop_front(store->waiting, &store->waiting_count);
}

struct reply store_claim(struct store *store)
{
    struct reply reply = {.row = return_lapsed(store)};

    if (store->question_count == 0 && store->landing_count == 0 && store->waiting_count == 0)
        return reply;
    reply.member.item = take_first(store);
    if (reply.row == NO_ROW)
        reply.row = reply.member.item.kind == ITEM_QUESTION ? CLAIM_QUESTION : CLAIM_TOOK;
    reply.member.seq = store_next_seq(store);
    assert(store->taken_count < MAX_TAKEN);
    store->taken[store->taken_count++] = reply.member;
    return reply;
}

/* --- admit --- */

static struct reply lease(struct store *store, const struct op *op, uint8_t row)
{
    uint8_t task = op->member.item.task;

    store_add(&store->running, task);
    store_take_out(&store->lapsed, task);
    store_leave_taken(store, op->member.seq);
    return (struct reply){.row = row, .record = store->task[task]};
}

static struct reply start(struct store *store, const struct op *op, uint8_t row)
{
    struct task *task = &store->task[op->member.item.task];

    task->state = RUNNING;
    task->token = op->member.seq;
    return lease(store, op, row);
}

static struct reply admit_known(struct store *store, const struct op *op, uint8_t state)
{
    struct reply reply = {.row = state == FAILED ? ADMIT_FAILED : ADMIT_REPEAT, .known = state};

    if (state != FAILED)
        store_leave_taken(store, op->member.seq);
    return reply;
}

static struct reply admit_new(struct store *store, const struct op *op, unsigned off)
{
    struct task *task = &store->task[0];

    if (store_find_taken(store, op->member.seq) == NULL && !(off & GUARD_TAKEN))
        return (struct reply){.row = ADMIT_GONE};
    if (task->state != NO_RECORD)
        return admit_known(store, op, task->state);
    task->attempt = 1;
    task->calls = 1;
    task->purpose = TO_CALL;
    store_join_batch(store, op->member.item.token);
    store_batch_check(store, off);
    return start(store, op, ADMIT_NEW);
}

static struct reply admit_queued(struct store *store, const struct op *op, unsigned off)
{
    struct task *task = &store->task[op->member.item.task];
    bool call = op->member.item.kind == ITEM_CALL;

    if ((task->state != QUEUED || task->token != op->member.item.token) && !(off & GUARD_QUEUED)) {
        store_leave_taken(store, op->member.seq);
        return (struct reply){.row = ADMIT_OUTDATED};
    }
    if (store_find_taken(store, op->member.seq) == NULL && !(off & GUARD_TAKEN))
        return (struct reply){.row = ADMIT_GONE};
    if (call) {
        task->attempt++;
        task->calls++;
    }
    task->purpose = call ? TO_CALL : TO_ASK;
    return start(store, op, call ? ADMIT_CALL : ADMIT_QUESTION);
}

struct reply store_admit(struct store *store, const struct op *op, unsigned off)
{
    const struct task *task = &store->task[op->member.item.task];

    if (task->state == RUNNING && task->token == op->member.seq && !(off & GUARD_AGAIN))
        return lease(store, op, ADMIT_AGAIN);
    return op->member.item.kind == ITEM_UPLOAD ? admit_new(store, op, off)
                                               : admit_queued(store, op, off);
}

/* --- rerun, reject --- */

static void make_fresh(struct store *store, uint8_t task, unsigned off)
{
    struct task *record = &store->task[task];

    record->state = QUEUED;
    record->token = store_next_seq(store);
    if (off & GUARD_CALLS)
        record->calls = 0;
    record->attempt = 0;
    record->purpose = TO_CALL;
    record->crashes = record->why = record->output_url = 0;
}

static void rerun_whole(struct store *store, unsigned off)
{
    memset(store->task[0].outcome, 0, sizeof(store->task[0].outcome));
    store->task[0].open = 0;
    make_fresh(store, 0, off);
    store_queue_call(store, 0);
}

static void rerun_indexes(struct store *store, uint8_t indexes, unsigned off)
{
    struct task *parent = &store->task[0];
    struct task before = *parent;

    parent->open = 0;
    for (uint8_t i = 1; i < TASKS; i++) {
        if (!store_has(indexes, i))
            continue;
        make_fresh(store, i, off);
        parent->outcome[i - 1] = 0;
        parent->open++;
    }
    for (uint8_t i = TASKS - 1; i >= 1; i--)
        if (store_has(indexes, i))
            store_queue_call(store, i);
    make_fresh(store, 0, off);
    parent->state = INDEXING;
    parent->attempt = before.attempt;
    parent->calls = before.calls;
}

struct reply store_rerun(struct store *store, const struct op *op, unsigned off)
{
    bool taken = store_find_taken(store, op->member.seq) != NULL || (off & GUARD_TAKEN);
    bool failed = store->task[0].state == FAILED || (off & GUARD_RERUN);

    if (!failed || !taken) {
        store_leave_taken(store, op->member.seq);
        return (struct reply){.row = RERUN_NOTHING};
    }
    if (op->indexes != 0)
        rerun_indexes(store, op->indexes, off);
    else
        rerun_whole(store, off);
    store->batch.failed--;
    store->batch.announced = 0;
    store_take_out(&store->dead, 0);
    store_leave_taken(store, op->member.seq);
    return (struct reply){.row = op->indexes != 0 ? RERUN_INDEXES : RERUN_WHOLE};
}

struct reply store_reject(struct store *store, const struct op *op, unsigned off)
{
    if (store_find_taken(store, op->member.seq) == NULL && !(off & GUARD_TAKEN))
        return (struct reply){.row = REJECT_GONE};
    store_join_batch(store, op->member.item.token);
    store_count_end(store, FAILED, off);
    store_leave_taken(store, op->member.seq);
    return (struct reply){.row = REJECT_DONE};
}
