/* steps of the workers: claim -> admit -> call or question -> what came of it; and a failed task
 * that is run again: read -> rerun. */
#include <assert.h>
#include <string.h>

#include "model/steps.h"

static const char *const names[WORKERS] = {"worker 1", "worker 2"};

/* What a decision goes by: the rest of the record is not looked at. */
static struct task seen_of(struct task record)
{
    record.open = record.video = 0;
    memset(record.outcome, 0, sizeof(record.outcome));
    return record;
}

static void let_go(struct next *next, unsigned worker)
{
    next->world.hand[worker] = (struct hand){0};
}

static void hold_op(struct next *next, unsigned worker, struct op op)
{
    next->world.hand[worker] = (struct hand){.phase = HAND_OP, .op = op};
}

/* --- claim --- */

static struct op first_op(const struct member *member)
{
    struct op op = {.kind = OP_ADMIT, .member = *member};

    if (member->item.kind == ITEM_MISTAKE)
        op.kind = OP_REJECT;
    else if (member->item.kind == ITEM_ID)
        op.kind = OP_READ;
    return op;
}

void steps_of_claims(const struct steps *steps)
{
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        struct next next = steps_begin(steps, names[worker], "claims", 0);
        struct op op = {.kind = OP_CLAIM};
        if (steps->from->hand[worker].phase != HAND_EMPTY)
            continue;
        struct reply reply = steps_run(steps, &next, &op);
        if (reply.row == NO_ROW)
            continue;
        hold_op(&next, worker, first_op(&reply.member));
        next.step.task = reply.member.item.task;
        next.step.progress = true;
        steps_give(steps, &next);
        steps_give_lost(steps, &next);
        if (steps->from->store.landing_count > 0 || steps->from->store.waiting_count == 0 ||
            steps->rules->indexes > 1)
            continue;
        next = steps_begin(steps, names[worker], "is woken by BLMOVE", 0);
        op.kind = OP_WAKE;
        steps_run(steps, &next, &op);
        steps_give(steps, &next);
    }
}

/* --- scripts --- */

/* Of what was admitted, or of the first index of what was chained. */
void steps_take_run(struct next *next, unsigned worker, uint8_t late)
{
    const struct op *op = &next->step.op;

    next->world.hand[worker] =
        (struct hand){.phase = HAND_RUN,
                      .late = late,
                      .task = op->kind == OP_CHAIN ? 1 : op->member.item.task,
                      .seen = seen_of(next->step.reply.record)};
}

static void after_op(struct next *next, unsigned worker)
{
    const struct op op = next->step.op;
    const struct reply *reply = &next->step.reply;
    uint8_t late = next->world.hand[worker].late;

    let_go(next, worker);
    if (op.kind == OP_READ && reply->record.state == FAILED) {
        hold_op(next, worker, decide_rerun(&op.member, &reply->record));
    } else if (op.kind == OP_READ) {
        hold_op(next, worker, (struct op){.kind = OP_DROP, .member = op.member});
    } else if (reply->row == ADMIT_FAILED) {
        hold_op(next, worker, (struct op){.kind = OP_READ, .member = op.member});
    } else if (reply->record.state == RUNNING) {
        steps_take_run(next, worker, late);
    }
}

static void send_op(const struct steps *steps, unsigned worker)
{
    static const char *const what[] = {
        [OP_ADMIT] = "admits",    [OP_MOVE] = "moves",   [OP_CHAIN] = "chains",
        [OP_FINISH] = "finishes", [OP_RERUN] = "reruns", [OP_REJECT] = "rejects",
        [OP_READ] = "reads",      [OP_DROP] = "drops"};
    struct op op = steps->from->hand[worker].op;
    struct next next = steps_begin(steps, names[worker], what[op.kind], op.task);

    if (op.kind == OP_ADMIT)
        next.step.task = op.member.item.task;
    steps_run(steps, &next, &op);
    after_op(&next, worker);
    next.step.progress = true;
    steps_give(steps, &next);
    if (op.kind != OP_READ)
        steps_give_lost(steps, &next);
}

/* --- calls and questions --- */

/* The run ends: what has been learned becomes the op that says so. */
static struct next learn(const struct steps *steps, unsigned worker, uint8_t fact, uint8_t video)
{
    const struct hand *hand = &steps->from->hand[worker];
    bool question = hand->seen.purpose == TO_ASK;
    struct learned learned = steps_learned(steps, fact, hand->task);
    struct next next =
        steps_begin(steps, names[worker], question ? "asks, answer" : "calls, reply", hand->task);

    next.step.fact = fact_words[fact];
    learned.video = video;
    hold_op(&next, worker, decide(&learned, &hand->seen, steps->rules->off));
    return next;
}

static void give_fact(const struct steps *steps, unsigned worker, uint8_t fact, bool progress)
{
    struct next next = learn(steps, worker, fact, 0);

    next.step.progress = progress;
    steps_give(steps, &next);
}

static void give_fault(const struct steps *steps, unsigned worker, uint8_t fact, uint8_t fault)
{
    struct next next = learn(steps, worker, fact, 0);

    if (steps_fault(steps, &next, fault))
        steps_give(steps, &next);
}

/* Whether there is a slot for its first index is another story: both happen. */
static void give_success(const struct steps *steps, unsigned worker, uint8_t job, bool progress)
{
    struct next next = learn(steps, worker, FACT_SUCCESS, (uint8_t)(job + 1));
    struct op *op = &next.world.hand[worker].op;

    next.step.progress = progress;
    steps_give(steps, &next);
    if (op->kind != OP_CHAIN)
        return;
    op->first = steps->from->hand[worker].seen.token;
    steps_give(steps, &next);
}

static void send_call(const struct steps *steps, unsigned worker)
{
    const struct hand *hand = &steps->from->hand[worker];
    struct next next = steps_begin(steps, names[worker], "sends the call", hand->task);
    uint8_t i = 0;

    while (i < MAX_JOBS && steps->from->job[hand->task][i].state != NO_JOB)
        i++;
    assert(i < MAX_JOBS);
    next.world.job[hand->task][i] = (struct job){.state = JOB_SENT, .number = hand->seen.calls};
    next.world.hand[worker].phase = HAND_SENT;
    next.world.hand[worker].job = i;
    next.step.progress = true;
    steps_give(steps, &next);
}

static void start_call(const struct steps *steps, unsigned worker)
{
    bool late = steps->from->hand[worker].late && !(steps->rules->off & GUARD_SEND);

    if (!late)
        send_call(steps, worker);
    if (late)
        give_fact(steps, worker, FACT_HAND_BACK, true);
    else
        give_fault(steps, worker, FACT_HAND_BACK, FAULT_SLEEP);
}

/* VideoDB has taken nothing: the job is not there. */
static void refuse(const struct steps *steps, unsigned worker, uint8_t fact)
{
    const struct hand *hand = &steps->from->hand[worker];
    struct next next = learn(steps, worker, fact, 0);

    next.world.job[hand->task][hand->job] = (struct job){0};
    if (steps_fault(steps, &next, FAULT_REFUSED))
        steps_give(steps, &next);
}

static void await_reply(const struct steps *steps, unsigned worker)
{
    static const uint8_t refusals[] = {FACT_TRY_AGAIN, FACT_FAILING, FACT_POSTPONE,
                                       FACT_REJECTED,  FACT_LATER,   FACT_HAND_BACK};
    const struct hand *hand = &steps->from->hand[worker];
    uint8_t state = steps->from->job[hand->task][hand->job].state;

    if (state != JOB_SENT)
        give_fact(steps, worker, FACT_ACCEPTED, true);
    if (state == JOB_DONE)
        give_success(steps, worker, hand->job, false);
    give_fault(steps, worker, FACT_UNKNOWN, FAULT_UNKNOWN);
    for (size_t i = 0; state == JOB_SENT && i < sizeof(refusals); i++)
        refuse(steps, worker, refusals[i]);
    if (state == JOB_SENT && hand->task != 0 && world_job_exists(steps->from, hand->task))
        refuse(steps, worker, FACT_EXISTS);
}

/* Does the document of the call say that it has failed? */
static bool has_failed(const struct world *world, const struct hand *hand)
{
    for (unsigned i = 0; i < MAX_JOBS; i++) {
        const struct job *job = &world->job[hand->task][i];
        if (job->state == JOB_FAILED && !job->earlier && job->number == hand->seen.calls)
            return hand->seen.output_url != 0;
    }
    return false;
}

static bool is_processing(const struct world *world, uint8_t task)
{
    for (unsigned i = 0; i < MAX_JOBS; i++)
        if (world->job[task][i].state == JOB_PROCESSING)
            return true;
    return false;
}

/* A video may be listed late; at the end of the grace it is listed, unless VideoDB is silent. */
static void ask_in_vain(const struct steps *steps, unsigned worker, bool progress)
{
    const struct hand *hand = &steps->from->hand[worker];
    bool unknown = hand->seen.why == WHY_UNKNOWN;
    bool there = world_job_exists(steps->from, hand->task);

    if (!there)
        give_fact(steps, worker, FACT_MISSING, progress && unknown);
    else if (!hand->seen.grace_over || steps->rules->silent)
        give_fault(steps, worker, FACT_MISSING, FAULT_UNKNOWN);
    if (!unknown && !there)
        give_fact(steps, worker, FACT_OVERDUE, progress);
    else if (!unknown || hand->seen.grace_over)
        give_fault(steps, worker, FACT_OVERDUE, FAULT_UNKNOWN);
    give_fault(steps, worker, FACT_UNANSWERED, FAULT_UNKNOWN);
    give_fault(steps, worker, FACT_LATER, FAULT_REFUSED);
    give_fault(steps, worker, FACT_HAND_BACK, FAULT_REFUSED);
}

static void ask(const struct steps *steps, unsigned worker)
{
    const struct hand *hand = &steps->from->hand[worker];
    bool failed = has_failed(steps->from, hand);

    for (uint8_t i = 0; i < MAX_JOBS; i++)
        if (steps->from->job[hand->task][i].state == JOB_DONE)
            give_success(steps, worker, i, true);
    if (failed) {
        give_fact(steps, worker, FACT_TRY_AGAIN, true);
        give_fact(steps, worker, FACT_REJECTED, false);
        if (hand->task != 0 && world_job_exists(steps->from, hand->task))
            give_fact(steps, worker, FACT_EXISTS, false);
    }
    if (is_processing(steps->from, hand->task))
        give_fact(steps, worker, FACT_PROCESSING, true);
    ask_in_vain(steps, worker, !failed);
}

/* --- leases and crashes --- */

static void renew(const struct steps *steps, unsigned worker)
{
    const struct hand *hand = &steps->from->hand[worker];
    struct next next = steps_begin(steps, names[worker], "renews", hand->task);
    struct op op = {.kind = OP_RENEW, .task = hand->task, .token = hand->seen.token};

    if (steps_run(steps, &next, &op).row == RENEW_LOST)
        let_go(&next, worker);
    steps_give(steps, &next);
}

static void crash(const struct steps *steps, unsigned worker)
{
    struct next next = steps_begin(steps, names[worker], "crashes", steps->from->hand[worker].task);

    let_go(&next, worker);
    if (steps_fault(steps, &next, FAULT_CRASH))
        steps_give(steps, &next);
}

void steps_of_workers(const struct steps *steps)
{
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        const struct hand *hand = &steps->from->hand[worker];
        if (hand->phase == HAND_OP)
            send_op(steps, worker);
        else if (hand->phase == HAND_SENT)
            await_reply(steps, worker);
        else if (hand->phase == HAND_RUN && hand->seen.purpose == TO_ASK)
            ask(steps, worker);
        else if (hand->phase == HAND_RUN)
            start_call(steps, worker);
        if (hand->phase == HAND_RUN || hand->phase == HAND_SENT)
            renew(steps, worker);
        if (hand->phase != HAND_EMPTY)
            crash(steps, worker);
    }
}
