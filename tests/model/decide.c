#include "model/decide.h"

const char *const fact_words[FACTS] = {
    [FACT_ACCEPTED] = "accepted",     [FACT_SUCCESS] = "success",
    [FACT_TRY_AGAIN] = "try again",   [FACT_FAILING] = "the API fails",
    [FACT_POSTPONE] = "not sent",     [FACT_REJECTED] = "rejected",
    [FACT_LATER] = "rate limited",    [FACT_HAND_BACK] = "hand back",
    [FACT_UNKNOWN] = "unknown",       [FACT_EXISTS] = "already exists",
    [FACT_UNREADABLE] = "unreadable", [FACT_PROCESSING] = "processing",
    [FACT_MISSING] = "missing",       [FACT_UNANSWERED] = "unanswered",
    [FACT_OVERDUE] = "overdue",       [FACT_LOST] = "lost its worker",
};

static struct op move_to(uint8_t target, const struct learned *learned, const struct task *seen)
{
    return (struct op){
        .kind = OP_MOVE, .task = learned->task, .token = seen->token, .target = target};
}

static struct op fail(const struct learned *learned, const struct task *seen)
{
    return (struct op){
        .kind = OP_FINISH, .task = learned->task, .token = seen->token, .target = FAILED};
}

static struct op begin_wait(uint8_t why, const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(AWAITING, learned, seen);

    op.stamp = 1;
    op.set.why = SET(why);
    op.set.output_url = SET(why == WHY_CALLBACK);
    return op;
}

static struct op call_later(const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(DELAYED, learned, seen);

    op.set.purpose = SET(TO_CALL);
    op.set.why = SET(NO_WHY);
    op.set.output_url = SET(0);
    return op;
}

/* The attempt was not used; questions use none. */
static void refund(struct op *op, const struct task *seen)
{
    if (seen->purpose != TO_ASK)
        op->set.attempt = SET(seen->attempt - 1);
}

static struct op succeed(const struct learned *learned, const struct task *seen)
{
    struct op op = {.kind = OP_FINISH,
                    .task = learned->task,
                    .token = seen->token,
                    .target = READY,
                    .video = learned->video};

    if (learned->task == 0 && learned->indexes > 0) {
        op.kind = OP_CHAIN;
        op.target = 0;
        op.indexes = learned->indexes;
    }
    return op;
}

/* An answer that changes nothing but when the next question comes. */
static struct op wait_on(const struct learned *learned, const struct task *seen)
{
    return move_to(AWAITING, learned, seen);
}

static struct op retry(const struct learned *learned, const struct task *seen)
{
    return seen->attempt >= learned->attempts ? fail(learned, seen) : call_later(learned, seen);
}

static struct op missing(const struct learned *learned, const struct task *seen, unsigned off)
{
    if (seen->why != WHY_UNKNOWN || (!seen->grace_over && !(off & GUARD_GRACE)))
        return wait_on(learned, seen);
    return retry(learned, seen);
}

static struct op exists(const struct learned *learned, const struct task *seen)
{
    bool asked = seen->state == RUNNING && seen->purpose == TO_ASK;
    struct op op = move_to(asked ? AWAITING : QUEUED, learned, seen);

    op.question = !asked;
    op.stamp = !asked;
    op.set.purpose = SET(TO_ASK);
    op.set.output_url = SET(0);
    if (!asked)
        op.set.why = SET(WHY_CALLBACK);
    return op;
}

static struct op unreadable(const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(QUEUED, learned, seen);

    op.question = 1;
    op.set.purpose = SET(TO_ASK);
    if (seen->why == NO_WHY) {
        op.stamp = 1;
        op.set.why = SET(WHY_CALLBACK);
    }
    return op;
}

static struct op recovered(const struct learned *learned, const struct task *seen)
{
    struct op op =
        seen->purpose == TO_ASK ? wait_on(learned, seen) : begin_wait(WHY_UNKNOWN, learned, seen);

    if (seen->crashes + 1 >= MAX_CRASHES)
        op = fail(learned, seen);
    else
        op.set.crashes = SET(seen->crashes + 1);
    op.lapsed = 1;
    return op;
}

static struct op postpone(uint8_t why, const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(DELAYED, learned, seen);

    op.set.purpose = SET(TO_CALL);
    op.set.why = SET(why);
    refund(&op, seen);
    return op;
}

/* While workers only probe it is FACT_POSTPONE. */
static struct op failing(const struct learned *learned, const struct task *seen)
{
    if (seen->attempt >= learned->attempts && seen->why != WHY_FAILING)
        return postpone(WHY_FAILING, learned, seen);
    return retry(learned, seen);
}

static struct op later(const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(seen->purpose == TO_ASK ? AWAITING : DELAYED, learned, seen);

    refund(&op, seen);
    return op;
}

static struct op hand_back(const struct learned *learned, const struct task *seen)
{
    struct op op = move_to(QUEUED, learned, seen);

    op.question = seen->purpose == TO_ASK;
    refund(&op, seen);
    return op;
}

static struct op processing(const struct learned *learned, const struct task *seen)
{
    struct op op = wait_on(learned, seen);

    op.set.why = SET(WHY_CALLBACK);
    return op;
}

static struct op decide_op(const struct learned *learned, const struct task *seen, unsigned off)
{
    switch (learned->fact) {
    case FACT_ACCEPTED:
        return begin_wait(WHY_CALLBACK, learned, seen);
    case FACT_UNKNOWN:
        return begin_wait(WHY_UNKNOWN, learned, seen);
    case FACT_SUCCESS:
        return succeed(learned, seen);
    case FACT_TRY_AGAIN:
        return retry(learned, seen);
    case FACT_FAILING:
        return failing(learned, seen);
    case FACT_POSTPONE:
        return postpone(NO_WHY, learned, seen);
    case FACT_LATER:
        return later(learned, seen);
    case FACT_HAND_BACK:
        return hand_back(learned, seen);
    case FACT_EXISTS:
        return exists(learned, seen);
    case FACT_UNREADABLE:
        return unreadable(learned, seen);
    case FACT_PROCESSING:
        return processing(learned, seen);
    case FACT_MISSING:
        return missing(learned, seen, off);
    case FACT_UNANSWERED:
        return wait_on(learned, seen);
    case FACT_LOST:
        return recovered(learned, seen);
    default:
        return fail(learned, seen);
    }
}

/* A call's run that ends by itself shows that the task is not what kills its workers. */
struct op decide(const struct learned *learned, const struct task *seen, unsigned off)
{
    struct op op = decide_op(learned, seen, off);
    bool call = seen->state == RUNNING && seen->purpose == TO_CALL;

    if (op.kind == OP_MOVE && call && learned->fact != FACT_LOST)
        op.set.crashes = SET(0);
    return op;
}

struct op decide_rerun(const struct member *member, const struct task *seen)
{
    struct op op = {.kind = OP_RERUN, .member = *member};

    for (unsigned i = 0; seen->video != 0 && i < MAX_INDEXES; i++)
        if (seen->outcome[i] == FAILED)
            op.indexes = (uint8_t)(op.indexes | 2U << i);
    return op;
}
