/* store - lists, taken, batches, and which script an op is. */
#include "model/store_parts.h"

#include <assert.h>
#include <string.h>

static uint8_t bit(uint8_t task)
{
    return (uint8_t)(1U << task);
}

bool store_has(uint8_t set, uint8_t task)
{
    return (set & bit(task)) != 0;
}

void store_add(uint8_t *set, uint8_t task)
{
    *set = (uint8_t)(*set | bit(task));
}

void store_take_out(uint8_t *set, uint8_t task)
{
    *set = (uint8_t)(*set & ~bit(task));
}

uint8_t store_next_seq(struct store *store)
{
    assert(store->seq < UINT8_MAX);
    return ++store->seq;
}

/* --- lists and taken --- */

static void push_back(struct item *list, uint8_t *count, struct item item)
{
    memmove(list + 1, list, *count * sizeof(item));
    list[0] = item;
    ++*count;
}

void store_put_back(struct store *store, struct item item)
{
    if (item.kind == ITEM_QUESTION) {
        assert(store->question_count < MAX_QUESTIONS);
        store->questions[store->question_count++] = item;
    } else {
        assert(store->waiting_count < MAX_WAITING);
        store->waiting[store->waiting_count++] = item;
    }
}

struct item store_pop_front(struct item *list, uint8_t *count)
{
    struct item item = list[--*count];

    list[*count] = (struct item){0};
    return item;
}

struct member *store_find_taken(struct store *store, uint8_t seq)
{
    for (unsigned i = 0; i < store->taken_count; i++)
        if (store->taken[i].seq == seq)
            return &store->taken[i];
    return NULL;
}

void store_leave_taken(struct store *store, uint8_t seq)
{
    struct member *member = store_find_taken(store, seq);

    if (member == NULL)
        return;
    struct member *end = store->taken + --store->taken_count;
    memmove(member, member + 1, (size_t)(end - member) * sizeof(*member));
    *end = (struct member){0};
}

void store_queue_call(struct store *store, uint8_t task)
{
    store_put_back(store, (struct item){ITEM_CALL, task, store->task[task].token});
}

void store_queue_question(struct store *store, uint8_t task)
{
    assert(store->question_count < MAX_QUESTIONS);
    push_back(store->questions, &store->question_count,
              (struct item){ITEM_QUESTION, task, store->task[task].token});
}

bool store_item_counts(const struct store *store, const struct item *item)
{
    if (item->kind != ITEM_CALL && item->kind != ITEM_QUESTION)
        return false;
    const struct task *task = &store->task[item->task];
    return task->state == QUEUED && task->token == item->token;
}

/* --- batches and messages --- */

void store_batch_check(struct store *store, unsigned off)
{
    if (store->batch.total == 0 || store->batch.ready + store->batch.failed < store->batch.total)
        return;
    if (store->batch.announced && !(off & GUARD_ANNOUNCED))
        return;
    store->batch_messages++;
    store->batch.announced = 1;
}

void store_join_batch(struct store *store, uint8_t size)
{
    store->batch.members++;
    if (store->batch.total == 0)
        store->batch.total = size;
}

void store_count_end(struct store *store, uint8_t state, unsigned off)
{
    if (state == READY) {
        store->batch.ready++;
        store->ready_messages++;
    } else {
        store->batch.failed++;
        store->failed_messages++;
    }
    store_batch_check(store, off);
}

/* --- the rest --- */

static void other(struct store *store, const struct op *op)
{
    struct member *member = store_find_taken(store, op->member.seq);

    if (op->kind == OP_DROP) {
        store_leave_taken(store, op->member.seq);
    } else if (op->kind == OP_PUSH) {
        assert(store->waiting_count < MAX_WAITING);
        push_back(store->waiting, &store->waiting_count, op->member.item);
    } else if (op->kind == OP_WAKE) {
        assert(store->landing_count == 0);
        store->landing[store->landing_count++] =
            store_pop_front(store->waiting, &store->waiting_count);
    } else if (op->kind == OP_LAPSE_TAKEN && member != NULL) {
        member->lapsed = 1;
    } else if (op->kind == OP_LAPSE_RUN) {
        store_add(&store->lapsed, op->task);
    }
}

struct reply store_apply(struct store *store, const struct op *op, unsigned off)
{
    switch (op->kind) {
    case OP_CLAIM:
        return store_claim(store);
    case OP_ADMIT:
        return store_admit(store, op, off);
    case OP_MOVE:
        return store_move(store, op, off);
    case OP_CHAIN:
        return store_chain(store, op, off);
    case OP_FINISH:
        return store_finish(store, op, off);
    case OP_PROMOTE:
        return store_promote(store, op);
    case OP_RENEW:
        return store_renew(store, op);
    case OP_RERUN:
        return store_rerun(store, op, off);
    case OP_REJECT:
        return store_reject(store, op, off);
    case OP_READ:
        return (struct reply){.record = store->task[op->task]};
    case OP_NUMBER:
        return (struct reply){.member.seq = store_next_seq(store)};
    default:
        other(store, op);
        return (struct reply){0};
    }
}
