/* The scripts of a task that is under way: move, chain, finish, promote, renew. */
#include <assert.h>

#include "model/store_parts.h"

/* --- move, chain, finish --- */

/* What forbids the write: 0, or how many rows it is behind that of another token, from 1. */
static uint8_t forbidden(const struct store *store, const struct op *op, unsigned off)
{
    const struct task *task = &store->task[op->task];

    if (task->state == NO_RECORD || (task->token != op->token && !(off & GUARD_TOKEN)))
        return 1;
    if ((task->state == READY || task->state == FAILED) && !(off & GUARD_OVER))
        return 2;
    bool lapsed = store_has(store->running, op->task) && store_has(store->lapsed, op->task);
    return op->lapsed && !lapsed && !(off & GUARD_LEASE) ? 3 : 0;
}

static void leave(struct store *store, uint8_t state, uint8_t task)
{
    if (state == RUNNING) {
        store_take_out(&store->running, task);
        store_take_out(&store->lapsed, task);
    } else if (state == AWAITING) {
        store_take_out(&store->awaiting, task);
    } else if (state == DELAYED) {
        store_take_out(&store->delayed, task);
    }
}

static void change(uint8_t *field, uint8_t set)
{
    if (set != 0)
        *field = (uint8_t)(set - 1);
}

struct reply store_move(struct store *store, const struct op *op, unsigned off)
{
    struct task *task = &store->task[op->task];
    uint8_t state = task->state, bad = forbidden(store, op, off);

    if (bad != 0)
        return (struct reply){.row = (uint8_t)(MOVE_STALE + bad - 1)};
    task->token = store_next_seq(store);
    change(&task->attempt, op->set.attempt);
    change(&task->purpose, op->set.purpose);
    change(&task->why, op->set.why);
    change(&task->crashes, op->set.crashes);
    change(&task->output_url, op->set.output_url);
    if (op->stamp)
        task->grace_over = 0;
    task->state = op->target;
    if (op->target == QUEUED)
        (op->question ? store_queue_question : store_queue_call)(store, op->task);
    else
        store_add(op->target == AWAITING ? &store->awaiting : &store->delayed, op->task);
    if (state != op->target)
        leave(store, state, op->task);
    return (struct reply){.row = op->target == AWAITING  ? MOVE_AWAITING
                                 : op->target == DELAYED ? MOVE_DELAYED
                                 : op->question          ? MOVE_QUESTION
                                                         : MOVE_CALL};
}

static struct reply lease_first(struct store *store, uint8_t row)
{
    store_add(&store->running, 1);
    store_take_out(&store->lapsed, 1);
    return (struct reply){.row = row, .record = store->task[1]};
}

/* From then on the first index runs, and its lease has begun. */
static struct reply start_first(struct store *store, const struct op *op)
{
    store->task[1] = (struct task){.state = RUNNING,
                                   .token = op->first,
                                   .attempt = 1,
                                   .calls = 1,
                                   .purpose = TO_CALL,
                                   .video = op->video};
    return lease_first(store, CHAIN_FIRST);
}

static void queue_children(struct store *store, const struct op *op, uint8_t from)
{
    for (uint8_t i = from; i <= op->indexes; i++) {
        struct task *child = &store->task[i];
        child->state = QUEUED;
        child->token = store_next_seq(store);
        child->attempt = 0;
        child->purpose = TO_CALL;
        child->video = op->video;
    }
    for (uint8_t i = op->indexes; i >= from; i--)
        store_queue_call(store, i);
}

static bool is_first(const struct store *store, const struct op *op)
{
    return op->first != 0 && store->task[1].state == RUNNING && store->task[1].token == op->first;
}

struct reply store_chain(struct store *store, const struct op *op, unsigned off)
{
    struct task *task = &store->task[op->task];
    uint8_t state = task->state, bad = forbidden(store, op, off);
    struct reply reply = {.row = CHAIN_DONE};

    if (bad != 0 && is_first(store, op) && !(off & GUARD_FIRST))
        return lease_first(store, CHAIN_AGAIN);
    if (bad != 0)
        return (struct reply){.row = CHAIN_STALE};
    task->video = op->video;
    task->output_url = 0;
    if (op->first != 0 && (state == RUNNING || state == AWAITING) &&
        store->task[1].state == NO_RECORD)
        reply = start_first(store, op);
    queue_children(store, op, reply.row == CHAIN_FIRST ? 2 : 1);
    task->state = INDEXING;
    task->token = store_next_seq(store);
    task->open = op->indexes;
    leave(store, state, op->task);
    return reply;
}

static void conclude(struct store *store, uint8_t state, unsigned off)
{
    store_count_end(store, state, off);
    if (state == FAILED)
        store_add(&store->dead, 0);
    store->task[0].state = state;
}

static uint8_t end_child(struct store *store, const struct op *op, unsigned off)
{
    struct task *parent = &store->task[0];

    store->task[op->task].state = op->target;
    if (parent->state != INDEXING)
        return FINISH_CHILD;
    parent->outcome[op->task - 1] = op->target;
    parent->open--;
    if (parent->open > 0 && !(off & GUARD_OPEN))
        return FINISH_CHILD;
    bool broken = parent->outcome[0] == FAILED || parent->outcome[1] == FAILED;
    conclude(store, broken ? FAILED : READY, off);
    return broken ? FINISH_LAST_FAILED : FINISH_LAST_READY;
}

struct reply store_finish(struct store *store, const struct op *op, unsigned off)
{
    struct task *task = &store->task[op->task];
    uint8_t state = task->state, bad = forbidden(store, op, off);
    struct reply reply = {.row = op->target == READY ? FINISH_READY : FINISH_FAILED};

    if (bad != 0)
        return (struct reply){.row = (uint8_t)(FINISH_STALE + bad - 1)};
    if (op->video != 0 && op->task == 0) {
        task->video = op->video;
        task->output_url = 0;
    }
    if (op->task == 0)
        conclude(store, op->target, off);
    else
        reply.row = end_child(store, op, off);
    leave(store, state, op->task);
    return reply;
}

/* --- promote, renew --- */

/* The time has come before: a wait that is not over yet is a wait that nobody looks at. */
struct reply store_promote(struct store *store, const struct op *op)
{
    struct task *task = &store->task[op->task];
    bool call = op->target == DELAYED;
    uint8_t *set = call ? &store->delayed : &store->awaiting;

    if (!store_has(*set, op->task))
        return (struct reply){.row = PROMOTE_ELSEWHERE};
    assert(task->state == op->target);
    task->state = QUEUED;
    task->purpose = call ? TO_CALL : TO_ASK;
    (call ? store_queue_call : store_queue_question)(store, op->task);
    store_take_out(set, op->task);
    return (struct reply){.row = call ? PROMOTE_CALL : PROMOTE_QUESTION};
}

struct reply store_renew(struct store *store, const struct op *op)
{
    const struct task *task = &store->task[op->task];

    if (task->token != op->token || task->state != RUNNING)
        return (struct reply){.row = RENEW_LOST};
    store_take_out(&store->lapsed, op->task);
    return (struct reply){.row = RENEW_EXTENDED};
}
