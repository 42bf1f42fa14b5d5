/* steps of callbacks: under way -> in a worker's hands: read, decide -> script; read again when the
 * task has moved meanwhile. And of the sweeper: due -> promote, or read -> recovery. */
#include "model/steps.h"

static struct job *job_of(struct world *world)
{
    return &world->job[world->handler.task][world->handler.job - 1];
}

/* The callback is done with. */
static void end(struct world *world)
{
    if (job_of(world)->state == JOB_DONE && !world->handler.garbled)
        job_of(world)->heard = 1;
    world->handler = (struct handler){0};
}

static bool is_current(const struct steps *steps, const struct task *record, const struct job *job)
{
    bool waiting = record->state == AWAITING || record->state == RUNNING ||
                   (record->state == QUEUED && record->purpose == TO_ASK);

    return waiting && (job->number == record->calls || (steps->rules->off & GUARD_CALL));
}

static void hold(const struct steps *steps, struct next *next, uint8_t fact)
{
    struct handler *handler = &next->world.handler;
    struct learned learned = steps_learned(steps, fact, handler->task);

    learned.video = handler->job;
    next->step.fact = fact_words[fact];
    handler->op = decide(&learned, &next->world.store.task[handler->task], steps->rules->off);
}

/* With a slot for the first index it starts as a run of this claim's: a step of its own. */
static void give_first(const struct steps *steps, const struct next *next)
{
    struct next first = *next;
    struct handler *handler = &first.world.handler;

    if (handler->op.kind != OP_CHAIN)
        return;
    handler->op.first = steps->rules->off & GUARD_OWN ? handler->op.token : handler->seq;
    steps_give(steps, &first);
}

/* A failure may be one for good, or say that the index is there: steps of their own. */
static void give_failures(const struct steps *steps, const struct next *next)
{
    struct next final = *next, exists = *next;
    uint8_t task = next->world.handler.task;

    hold(steps, &final, FACT_REJECTED);
    steps_give(steps, &final);
    if (task == 0 || !world_job_exists(&next->world, task))
        return;
    hold(steps, &exists, FACT_EXISTS);
    steps_give(steps, &exists);
}

/* Reads the record and decides. */
static void look(const struct steps *steps, struct next *next)
{
    struct world *world = &next->world;
    const struct task *record = &world->store.task[world->handler.task];
    bool garbled = world->handler.garbled;
    bool success = job_of(world)->state == JOB_DONE && !garbled;
    bool upload = world->handler.task == 0;

    if (record->state == READY || record->state == FAILED || record->state == INDEXING) {
        if (success && upload && record->video != world->handler.job)
            job_of(world)->duplicate = 1;
        end(world);
    } else if (success) {
        hold(steps, next, FACT_SUCCESS);
        give_first(steps, next);
        /* NOLINTNEXTLINE(bugprone-branch-clone): the order of the questions is the worker's */
    } else if (!is_current(steps, record, job_of(world))) {
        end(world);
    } else if (!garbled) {
        give_failures(steps, next);
        hold(steps, next, FACT_TRY_AGAIN);
    } else if (record->state == AWAITING) {
        hold(steps, next, FACT_UNREADABLE);
    } else {
        end(world);
    }
    steps_give(steps, next);
}

static void give_back(const struct steps *steps, const char *what, uint8_t fault)
{
    struct next next = steps_begin(steps, "callback's worker", what, steps->from->handler.task);

    if (job_of(&next.world)->callbacks >= 2)
        return;
    job_of(&next.world)->callbacks++;
    if (fault == FAULT_CRASH)
        next.world.handler = (struct handler){0};
    if (steps_fault(steps, &next, fault))
        steps_give(steps, &next);
}

static unsigned free_hand(const struct world *world)
{
    unsigned i = 0;

    while (i < WORKERS && world->hand[i].phase != HAND_EMPTY)
        i++;
    return i;
}

/* The slot of a first index was free when that was decided: it waits for one here instead. */
static void apply(const struct steps *steps)
{
    const struct handler *handler = &steps->from->handler;
    struct next next = steps_begin(steps, "callback's worker", "applies it", handler->task);
    unsigned hand = free_hand(steps->from);

    if (handler->op.first != 0 && hand == WORKERS)
        return;
    next.step.progress = true;
    uint8_t row = steps_run(steps, &next, &handler->op).row;
    struct next sent = next;
    next.world.handler.op = (struct op){0};
    if (row == MOVE_STALE || row == CHAIN_STALE || row == FINISH_STALE || row == MOVE_OVER ||
        row == FINISH_OVER) {
        look(steps, &next);
    } else {
        if (row == CHAIN_FIRST || row == CHAIN_AGAIN)
            steps_take_run(&next, hand, handler->late);
        end(&next.world);
        steps_give(steps, &next);
    }
    steps_give_lost(steps, &sent);
}

void steps_of_handler(const struct steps *steps)
{
    if (steps->from->handler.job == 0)
        return;
    apply(steps);
    give_back(steps, "crashes", FAULT_CRASH);
    give_back(steps, "is so slow that another gets the callback too", FAULT_SLEEP);
}

static void take(const struct steps *steps, uint8_t task, uint8_t job, bool garbled)
{
    struct next next = steps_begin(steps, "callback's worker",
                                   garbled ? "takes a garbled one" : "takes one", task);

    uint8_t seq = steps_run(steps, &next, &(struct op){.kind = OP_NUMBER}).member.seq;

    next.world.job[task][job].callbacks--;
    next.world.handler =
        (struct handler){.task = task, .job = (uint8_t)(job + 1), .garbled = garbled, .seq = seq};
    if (garbled && !steps_fault(steps, &next, FAULT_CALLBACK))
        return;
    next.step.progress = !garbled;
    look(steps, &next);
}

static void send_again(const struct steps *steps, uint8_t task, uint8_t job)
{
    struct next next = steps_begin(steps, "VideoDB", "sends a callback again", task);

    next.world.job[task][job].callbacks++;
    if (steps_fault(steps, &next, FAULT_CALLBACK))
        steps_give(steps, &next);
}

static void lose(const struct steps *steps, uint8_t task, uint8_t job)
{
    struct next next = steps_begin(steps, "network", "loses a callback", task);

    next.world.job[task][job].callbacks--;
    if (steps_fault(steps, &next, FAULT_CALLBACK))
        steps_give(steps, &next);
}

void steps_of_callbacks(const struct steps *steps)
{
    for (uint8_t task = 0; task < TASKS; task++)
        for (uint8_t i = 0; i < MAX_JOBS; i++) {
            const struct job *job = &steps->from->job[task][i];
            bool over = job->state == JOB_DONE || job->state == JOB_FAILED;
            if (job->callbacks > 0 && steps->from->handler.job == 0) {
                take(steps, task, i, false);
                take(steps, task, i, true);
            }
            if (over && job->callbacks < 2)
                send_again(steps, task, i);
            if (job->callbacks > 0)
                lose(steps, task, i);
        }
}

/* --- the sweeper --- */

void steps_of_sweeper(const struct steps *steps)
{
    const struct op op = steps->from->sweeper;
    struct next next = steps_begin(steps, "sweeper", "recovers", op.task);

    if (op.kind == NO_OP)
        return;
    next.step.progress = true;
    steps_run(steps, &next, &op);
    next.world.sweeper = (struct op){0};
    steps_give(steps, &next);
    steps_give_lost(steps, &next);
    next = steps_begin(steps, "sweeper", "crashes", op.task);
    next.world.sweeper = (struct op){0};
    if (steps_fault(steps, &next, FAULT_CRASH))
        steps_give(steps, &next);
}

static void find_lapsed(const struct steps *steps, uint8_t task)
{
    const struct store *store = &steps->from->store;
    struct next next = steps_begin(steps, "sweeper", "finds a lease that has ended", task);
    struct learned lost = steps_learned(steps, FACT_LOST, task);

    if (steps->from->sweeper.kind != NO_OP || (store->lapsed >> task & 1) == 0 ||
        store->task[task].state != RUNNING)
        return;
    next.world.sweeper = decide(&lost, &store->task[task], steps->rules->off);
    next.step.progress = true;
    steps_give(steps, &next);
}

/* The one that is due may have gone by the time that it is promoted. */
static void promote(const struct steps *steps, uint8_t task)
{
    uint8_t state = steps->from->store.task[task].state;
    struct next next = steps_begin(steps, "sweeper", "promotes", task);
    struct op op = {.kind = OP_PROMOTE, .task = task, .target = state};

    if (state == QUEUED || state == RUNNING)
        op.target = AWAITING;
    else if (state != AWAITING && state != DELAYED)
        return;
    next.step.progress = steps_run(steps, &next, &op).row != PROMOTE_ELSEWHERE;
    steps_give(steps, &next);
}

void steps_of_recovery(const struct steps *steps)
{
    for (uint8_t task = 0; task < TASKS; task++) {
        find_lapsed(steps, task);
        promote(steps, task);
    }
}
