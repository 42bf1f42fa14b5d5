/* steps - the frame, and what happens by itself: time passes, VideoDB works, a user pushes. */
#include "model/steps.h"

#include <string.h>

struct next steps_begin(const struct steps *steps, const char *who, const char *what, uint8_t task)
{
    struct next next = {.world = *steps->from};

    next.step = (struct step){.who = who, .what = what, .task = task};
    return next;
}

bool steps_fault(const struct steps *steps, struct next *next, uint8_t kind)
{
    if ((steps->rules->may & kind) == 0 || steps->from->faults == 0)
        return false;
    if (steps->from->faults != ENDLESS)
        next->world.faults = (uint8_t)(steps->from->faults - 1);
    return true;
}

struct learned steps_learned(const struct steps *steps, uint8_t fact, uint8_t task)
{
    uint8_t attempts = steps->rules->attempts > 0 ? steps->rules->attempts : 2;

    return (struct learned){
        .fact = fact, .task = task, .indexes = steps->rules->indexes, .attempts = attempts};
}

static bool is_held(const struct world *world, uint8_t task, uint8_t job)
{
    for (unsigned i = 0; i < WORKERS; i++)
        if (world->hand[i].phase == HAND_SENT && world->hand[i].task == task &&
            world->hand[i].job == job)
            return true;
    return world->handler.job == job + 1 && world->handler.task == task;
}

/* A call that has failed, and of which nothing can be heard any more, is forgotten. */
static void forget_jobs(const struct steps *steps, struct world *world)
{
    bool callbacks_come_twice = (steps->rules->may & FAULT_CALLBACK) != 0 && world->faults > 0;

    for (uint8_t task = 0; task < TASKS; task++)
        for (uint8_t i = 0; i < MAX_JOBS; i++) {
            struct job *job = &world->job[task][i];
            bool current = !job->earlier && job->number == world->store.task[task].calls;
            if (job->state == JOB_FAILED && job->callbacks == 0 && !current &&
                !callbacks_come_twice && !is_held(world, task, i))
                *job = (struct job){0};
        }
}

void steps_give(const struct steps *steps, struct next *next)
{
    forget_jobs(steps, &next->world);
    steps->fn(&next->world, &next->step, steps->arg);
}

/* What was called before now belongs to an earlier run. */
static void run_again(struct world *world, const struct op *op)
{
    uint8_t tasks = op->indexes != 0 ? op->indexes : 1;

    world->reruns++;
    world->owed = 0;
    for (unsigned task = 0; task < TASKS; task++)
        for (unsigned i = 0; i < MAX_JOBS && (tasks >> task & 1) != 0; i++)
            if (world->job[task][i].state != NO_JOB)
                world->job[task][i].earlier = 1;
}

struct reply steps_run(const struct steps *steps, struct next *next, const struct op *op)
{
    next->step.op = *op;
    next->step.reply = store_apply(&next->world.store, op, steps->rules->off);
    if (next->step.reply.row == RERUN_WHOLE || next->step.reply.row == RERUN_INDEXES)
        run_again(&next->world, op);
    return next->step.reply;
}

void steps_give_lost(const struct steps *steps, const struct next *next)
{
    struct next lost = steps_begin(steps, next->step.who, next->step.what, next->step.task);

    if (!steps_fault(steps, &lost, FAULT_LOST))
        return;
    lost.step.fact = "and the reply is lost";
    steps_run(steps, &lost, &next->step.op);
    steps_give(steps, &lost);
}

/* --- VideoDB --- */

static void job_becomes(const struct steps *steps, uint8_t task, uint8_t i, uint8_t state)
{
    static const char *const what[] = {[NO_JOB] = "the call never arrives",
                                       [JOB_PROCESSING] = "the call is accepted",
                                       [JOB_DONE] = "the job is done",
                                       [JOB_FAILED] = "the job fails"};
    struct next next = steps_begin(steps, "VideoDB", what[state], task);
    struct job *job = &next.world.job[task][i];

    if (state == JOB_FAILED && !steps_fault(steps, &next, FAULT_FAILED))
        return;
    if (state == NO_JOB && !steps_fault(steps, &next, FAULT_UNKNOWN | FAULT_CRASH | FAULT_SLEEP))
        return;
    job->state = state;
    if (state == JOB_DONE || state == JOB_FAILED)
        job->callbacks = 1;
    if (state == NO_JOB)
        *job = (struct job){0};
    next.step.progress = state == JOB_PROCESSING || state == JOB_DONE;
    steps_give(steps, &next);
}

void steps_of_api(const struct steps *steps)
{
    const struct world *from = steps->from;

    for (uint8_t task = 0; task < TASKS; task++)
        for (uint8_t i = 0; i < MAX_JOBS; i++) {
            uint8_t state = from->job[task][i].state;
            if (state == JOB_SENT)
                job_becomes(steps, task, i, JOB_PROCESSING);
            if (state == JOB_PROCESSING) {
                job_becomes(steps, task, i, JOB_DONE);
                job_becomes(steps, task, i, JOB_FAILED);
            }
            if (state == JOB_SENT && !is_held(from, task, i))
                job_becomes(steps, task, i, NO_JOB);
        }
}

/* --- time --- */

static bool is_under_way(const struct steps *steps, uint8_t task)
{
    for (unsigned i = 0; i < MAX_JOBS; i++)
        if (steps->from->job[task][i].state == JOB_SENT)
            return true;
    return false;
}

static void end_grace(const struct steps *steps, uint8_t task)
{
    const struct task *record = &steps->from->store.task[task];
    bool asking = record->state == AWAITING || record->purpose == TO_ASK;
    struct next next = steps_begin(steps, "time", "the grace is over", task);

    if (record->why != WHY_UNKNOWN || record->grace_over || !asking)
        return;
    if (is_under_way(steps, task) && !steps->rules->silent)
        return;
    next.world.store.task[task].grace_over = 1;
    next.step.progress = true;
    steps_give(steps, &next);
}

static bool holds_member(const struct hand *hand, uint8_t seq)
{
    return hand->phase == HAND_OP && hand->op.member.seq == seq;
}

bool steps_starts(const struct op *op, const struct task *record, uint8_t task)
{
    return op->kind == OP_CHAIN && op->first != 0 && task == 1 && op->first == record->token;
}

static bool holds_run(const struct hand *hand, const struct task *record, uint8_t task)
{
    if (hand->phase == HAND_OP && hand->op.kind == OP_ADMIT)
        return hand->op.member.item.task == task && hand->op.member.seq == record->token;
    if (hand->phase == HAND_OP)
        return (hand->op.task == task && hand->op.token == record->token) ||
               steps_starts(&hand->op, record, task);
    return hand->phase != HAND_EMPTY && hand->task == task && hand->seen.token == record->token;
}

static void lapse_taken(const struct steps *steps, const struct member *member)
{
    struct next next = steps_begin(steps, "time", "a lease in taken ends", member->item.task);
    struct op op = {.kind = OP_LAPSE_TAKEN, .member = *member};
    bool held = false;

    for (unsigned i = 0; i < WORKERS; i++)
        held = held || holds_member(&steps->from->hand[i], member->seq);
    if (member->lapsed || (held && !steps_fault(steps, &next, FAULT_SLEEP)))
        return;
    next.step.progress = !held;
    steps_run(steps, &next, &op);
    steps_give(steps, &next);
}

/* By the worker's own clock its lease has ended before: it began to count earlier. */
static void lapse_run(const struct steps *steps, uint8_t task)
{
    const struct store *store = &steps->from->store;
    struct next next = steps_begin(steps, "time", "the lease of a run ends", task);
    struct op op = {.kind = OP_LAPSE_RUN, .task = task};
    bool held = false;

    if ((store->running >> task & 1) == 0 || (store->lapsed >> task & 1) != 0)
        return;
    for (unsigned i = 0; i < WORKERS; i++) {
        if (!holds_run(&steps->from->hand[i], &store->task[task], task))
            continue;
        held = true;
        next.world.hand[i].late = 1;
    }
    if (steps_starts(&steps->from->handler.op, &store->task[task], task)) {
        held = true;
        next.world.handler.late = 1;
    }
    if (held && !steps_fault(steps, &next, FAULT_SLEEP))
        return;
    next.step.progress = !held;
    steps_run(steps, &next, &op);
    steps_give(steps, &next);
}

void steps_of_time(const struct steps *steps)
{
    const struct store *store = &steps->from->store;

    for (unsigned i = 0; i < store->taken_count; i++)
        lapse_taken(steps, &store->taken[i]);
    for (uint8_t task = 0; task < TASKS; task++)
        lapse_run(steps, task);
}

/* --- the user --- */

static void push(const struct steps *steps, uint8_t kind)
{
    struct next next = steps_begin(steps, "user", "pushes the same id again", 0);
    struct op op = {
        .kind = OP_PUSH,
        .member.item = {kind, 0, (uint8_t)(1 + steps->rules->mistakes - steps->rules->surplus)}};

    if (kind == ITEM_ID) {
        next.step.what = "pushes the bare id";
        next.world.ids--;
        op.member.item.token = 0;
    } else {
        next.world.uploads--;
    }
    if (next.world.store.task[0].state == FAILED)
        next.world.owed = 1;
    next.world.pushed++;
    steps_run(steps, &next, &op);
    steps_give(steps, &next);
}

/* A bare id that no record has is a mistake, which is another story. */
void steps_of_user(const struct steps *steps)
{
    if (steps->from->uploads > 0)
        push(steps, ITEM_UPLOAD);
    if (steps->from->ids > 0 && steps->from->store.task[0].state != NO_RECORD)
        push(steps, ITEM_ID);
}

/* --- all of them --- */

void world_steps(const struct world *world, const struct rules *rules, step_fn fn, void *arg)
{
    struct steps steps = {world, rules, fn, arg};

    steps_of_handler(&steps);
    steps_of_sweeper(&steps);
    steps_of_workers(&steps);
    steps_of_callbacks(&steps);
    steps_of_api(&steps);
    for (uint8_t task = 0; task < TASKS; task++)
        end_grace(&steps, task);
    steps_of_recovery(&steps);
    steps_of_claims(&steps);
    steps_of_time(&steps);
    steps_of_user(&steps);
}
