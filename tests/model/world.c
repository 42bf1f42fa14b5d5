/* world - where it begins and ends, and which worlds are the same. The steps are in steps.c. */
#include "model/steps.h"

#include <string.h>

/* Numbers in a folded world: of what is outdated, and of what nobody compares. */
enum { OUTDATED = 0, NUMBERS = 256 };

struct world world_first(const struct rules *rules)
{
    struct world world;
    uint8_t size = (uint8_t)(1 + rules->mistakes - rules->surplus);

    memset(&world, 0, sizeof(world));
    world.faults = rules->faults;
    world.uploads = rules->uploads;
    world.ids = rules->ids;
    struct op push = {.kind = OP_PUSH, .member.item = {ITEM_UPLOAD, 0, size}};
    store_apply(&world.store, &push, 0);
    push.member.item.kind = ITEM_MISTAKE;
    for (uint8_t i = 0; i < rules->mistakes; i++)
        store_apply(&world.store, &push, 0);
    return world;
}

bool world_settled(const struct world *world)
{
    const struct store *store = &world->store;
    uint8_t state = store->task[0].state;

    for (unsigned task = 0; task < TASKS; task++)
        for (unsigned i = 0; i < MAX_JOBS; i++)
            if (world->job[task][i].callbacks > 0 || world->job[task][i].state == JOB_SENT)
                return false;
    return (state == READY || state == FAILED) && store->waiting_count == 0 &&
           store->landing_count == 0 && store->question_count == 0 && store->taken_count == 0 &&
           world->hand[0].phase == HAND_EMPTY && world->hand[1].phase == HAND_EMPTY &&
           world->handler.job == 0 && world->sweeper.kind == NO_OP;
}

bool world_job_lives(const struct job *job)
{
    return job->state == JOB_PROCESSING || job->state == JOB_DONE;
}

bool world_job_exists(const struct world *world, uint8_t task)
{
    for (unsigned i = 0; i < MAX_JOBS; i++)
        if (world_job_lives(&world->job[task][i]))
            return true;
    return false;
}

/* --- folding --- */

/* An op whose token is outdated does nothing, whatever it says. */
static void fold_op(const struct store *store, struct op *op)
{
    const struct task *task = &store->task[op->task];

    if (op->kind != OP_MOVE && op->kind != OP_CHAIN && op->kind != OP_FINISH)
        return;
    bool over = task->state == READY || task->state == FAILED;
    bool first = store->task[1].state == RUNNING && steps_starts(op, &store->task[1], 1);
    if (task->token != op->token)
        *op = (struct op){.kind = op->kind,
                          .task = op->task,
                          .token = OUTDATED,
                          .first = first ? op->first : OUTDATED};
    else if (over)
        *op = (struct op){.kind = op->kind, .task = op->task, .token = op->token};
}

static bool is_run_of(const struct store *store, const struct op *op)
{
    const struct task *task = &store->task[op->member.item.task];

    return op->kind == OP_ADMIT && task->state == RUNNING && task->token == op->member.seq;
}

static bool is_taken(const struct store *store, uint8_t seq)
{
    for (unsigned i = 0; i < store->taken_count; i++)
        if (store->taken[i].seq == seq)
            return true;
    return false;
}

static void fold_item(const struct store *store, struct item *item)
{
    bool internal = item->kind == ITEM_CALL || item->kind == ITEM_QUESTION;

    if (internal && !store_item_counts(store, item))
        item->token = OUTDATED;
}

static void fold_items(struct store *store)
{
    for (unsigned i = 0; i < store->waiting_count; i++)
        fold_item(store, &store->waiting[i]);
    for (unsigned i = 0; i < store->landing_count; i++)
        fold_item(store, &store->landing[i]);
    for (unsigned i = 0; i < store->question_count; i++)
        fold_item(store, &store->questions[i]);
    for (unsigned i = 0; i < store->taken_count; i++)
        fold_item(store, &store->taken[i].item);
}

/* What no decision goes by any more. */
static void fold_record(struct task *task)
{
    if (task->why != WHY_UNKNOWN)
        task->grace_over = 0;
    if (task->state == AWAITING)
        task->purpose = TO_ASK;
    if (task->state == READY || task->state == FAILED || task->state == INDEXING)
        task->purpose = task->why = task->crashes = task->output_url = task->grace_over = 0;
}

static void fold_seen(struct task *seen)
{
    if (seen->purpose == TO_CALL) {
        seen->output_url = seen->grace_over = 0;
        if (seen->why != WHY_FAILING)
            seen->why = 0;
    }
    if (seen->why != WHY_UNKNOWN)
        seen->grace_over = 0;
    seen->crashes = 0;
}

/* That a success was heard of is over once it was looked at. */
static void fold_job(struct job *job)
{
    job->heard = job->duplicate = 0;
    if (job->state == JOB_DONE)
        job->number = 0;
}

static void fold_hand(const struct store *store, struct hand *hand)
{
    if (hand->phase == HAND_OP) {
        fold_op(store, &hand->op);
        fold_item(store, &hand->op.member.item);
        if (!is_taken(store, hand->op.member.seq) && !is_run_of(store, &hand->op))
            hand->op.member.seq = OUTDATED;
        if (hand->op.kind != OP_ADMIT && hand->op.first == 0)
            hand->late = 0;
    } else if (hand->phase != HAND_EMPTY) {
        fold_seen(&hand->seen);
    }
    if (hand->phase != HAND_OP && hand->phase != HAND_EMPTY &&
        hand->seen.token != store->task[hand->task].token) {
        hand->seen = (struct task){.state = RUNNING,
                                   .attempt = hand->seen.attempt,
                                   .calls = hand->seen.calls,
                                   .purpose = hand->seen.purpose};
    }
}

/* Tokens and SEQs are only compared: what counts is their order. */
struct numbers {
    unsigned count;
    uint8_t *at[64];
};

static void number(struct numbers *numbers, uint8_t *at)
{
    numbers->at[numbers->count++] = at;
}

static void number_item(struct numbers *numbers, struct item *item)
{
    if (item->kind == ITEM_CALL || item->kind == ITEM_QUESTION)
        number(numbers, &item->token);
}

static void number_op(struct numbers *numbers, struct op *op)
{
    number(numbers, &op->token);
    number(numbers, &op->first);
    number(numbers, &op->member.seq);
    number_item(numbers, &op->member.item);
}

static void find_numbers(struct world *world, struct numbers *numbers)
{
    struct store *store = &world->store;

    for (unsigned i = 0; i < store->waiting_count; i++)
        number_item(numbers, &store->waiting[i]);
    for (unsigned i = 0; i < store->landing_count; i++)
        number_item(numbers, &store->landing[i]);
    for (unsigned i = 0; i < store->question_count; i++)
        number_item(numbers, &store->questions[i]);
    for (unsigned i = 0; i < store->taken_count; i++) {
        number(numbers, &store->taken[i].seq);
        number_item(numbers, &store->taken[i].item);
    }
    for (unsigned i = 0; i < TASKS; i++)
        number(numbers, &store->task[i].token);
    for (unsigned i = 0; i < WORKERS; i++) {
        number(numbers, &world->hand[i].seen.token);
        number_op(numbers, &world->hand[i].op);
    }
    number_op(numbers, &world->handler.op);
    number(numbers, &world->handler.seq);
    number_op(numbers, &world->sweeper);
}

static void renumber(struct world *world)
{
    struct numbers numbers = {0};
    uint8_t becomes[NUMBERS] = {0}, next = 0;

    find_numbers(world, &numbers);
    for (unsigned i = 0; i < numbers.count; i++)
        becomes[*numbers.at[i]] = 1;
    for (unsigned i = OUTDATED + 1; i < NUMBERS; i++)
        if (becomes[i])
            becomes[i] = ++next;
    becomes[OUTDATED] = OUTDATED;
    for (unsigned i = 0; i < numbers.count; i++)
        *numbers.at[i] = becomes[*numbers.at[i]];
    world->store.seq = next;
}

void world_fold(struct world *world)
{
    for (uint8_t i = 0; i < TASKS; i++) {
        fold_record(&world->store.task[i]);
        for (unsigned j = 0; j < MAX_JOBS; j++)
            fold_job(&world->job[i][j]);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        fold_hand(&world->store, &world->hand[i]);
    fold_op(&world->store, &world->handler.op);
    fold_op(&world->store, &world->sweeper);
    fold_items(&world->store);
    renumber(world);
    if (memcmp(&world->hand[0], &world->hand[1], sizeof(world->hand[0])) > 0) {
        struct hand hand = world->hand[0];
        world->hand[0] = world->hand[1];
        world->hand[1] = hand;
    }
}
