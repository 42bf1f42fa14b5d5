#include "model/laws.h"

#include <stddef.h>
#include <string.h>

const char LAW_HOME[] = "a live task stands in exactly one place";
const char LAW_KEPT[] = "a pushed upload is kept until it is admitted";
const char LAW_MESSAGE[] = "each run of the task ends in one message";
const char LAW_BATCH[] =
    "the batch speaks once, when all members are through, with the right counts";
const char LAW_PAID[] = "nothing is paid for twice";
const char LAW_FIRST[] = "the first video stays";
const char LAW_DUPLICATE[] = "a video that is not the task's own is reported";
const char LAW_TOKEN[] = "a write with another token changes nothing";
const char LAW_LEASE[] = "no run is taken from a worker whose lease holds";
const char LAW_TWICE[] = "a script that is sent twice does what it does once";
const char LAW_RERUN[] = "a failed task that is pushed again is run again, once";

static bool is_over(uint8_t state)
{
    return state == READY || state == FAILED;
}

/* --- homes --- */

static unsigned count_items(const struct store *store, uint8_t task)
{
    unsigned count = 0;

    for (unsigned i = 0; i < store->waiting_count; i++)
        count += store->waiting[i].task == task && store_item_counts(store, &store->waiting[i]);
    for (unsigned i = 0; i < store->landing_count; i++)
        count += store->landing[i].task == task && store_item_counts(store, &store->landing[i]);
    for (unsigned i = 0; i < store->question_count; i++)
        count += store->questions[i].task == task && store_item_counts(store, &store->questions[i]);
    for (unsigned i = 0; i < store->taken_count; i++)
        count +=
            store->taken[i].item.task == task && store_item_counts(store, &store->taken[i].item);
    return count;
}

static unsigned live_children(const struct store *store)
{
    unsigned count = 0;

    for (unsigned i = 1; i < TASKS; i++)
        count += store->task[i].state != NO_RECORD && !is_over(store->task[i].state);
    return count;
}

static bool is_at_home(const struct store *store, uint8_t task)
{
    uint8_t state = store->task[task].state;
    unsigned children = task == 0 ? live_children(store) : 0;
    unsigned running = store->running >> task & 1, awaiting = store->awaiting >> task & 1;
    unsigned delayed = store->delayed >> task & 1, items = count_items(store, task);

    if (state == INDEXING ? children == 0 || children != store->task[task].open : children > 0)
        return false;
    return running == (state == RUNNING) && awaiting == (state == AWAITING) &&
           delayed == (state == DELAYED) && items == (state == QUEUED);
}

static bool are_at_home(const struct world *world)
{
    for (uint8_t task = 0; task < TASKS; task++)
        if (!is_at_home(&world->store, task))
            return false;
    return true;
}

static bool has_upload(const struct world *world)
{
    const struct store *store = &world->store;

    if (store->task[0].state != NO_RECORD)
        return true;
    for (unsigned i = 0; i < store->waiting_count; i++)
        if (store->waiting[i].kind == ITEM_UPLOAD)
            return true;
    for (unsigned i = 0; i < store->taken_count; i++)
        if (store->taken[i].item.kind == ITEM_UPLOAD)
            return true;
    return store->landing_count > 0 && store->landing[0].kind == ITEM_UPLOAD;
}

/* --- messages --- */

static unsigned rejected_members(const struct store *store)
{
    unsigned admitted = store->task[0].state != NO_RECORD;

    return store->batch.members - admitted;
}

static bool is_told(const struct world *world)
{
    const struct store *store = &world->store;
    unsigned over = is_over(store->task[0].state), rejected = rejected_members(store);

    return store->ready_messages + store->failed_messages == world->reruns + over + rejected;
}

static bool is_counted(const struct world *world)
{
    const struct store *store = &world->store;
    unsigned rejected = rejected_members(store);
    bool complete =
        store->batch.total > 0 && store->batch.ready + store->batch.failed >= store->batch.total;

    return store->batch.ready == (store->task[0].state == READY) &&
           store->batch.failed == (store->task[0].state == FAILED) + rejected &&
           store->batch.announced == complete &&
           store->batch_messages <= world->reruns + store->batch.announced;
}

/* --- jobs --- */

static bool is_paid_once(const struct world *world)
{
    for (unsigned task = 0; task < TASKS; task++) {
        unsigned lives = 0;
        for (unsigned i = 0; i < MAX_JOBS; i++) {
            const struct job *job = &world->job[task][i];
            lives += (world_job_lives(job) && !job->earlier) ? 1U : 0U;
        }
        if (lives > 1)
            return false;
    }
    return true;
}

static bool is_reported(const struct world *world)
{
    for (unsigned i = 0; i < MAX_JOBS; i++) {
        const struct job *job = &world->job[0][i];
        bool first = world->store.task[0].video == i + 1;
        if (job->heard && !first && !job->duplicate)
            return false;
    }
    return true;
}

static bool is_done_as_asked(const struct world *world)
{
    return world->reruns <= world->pushed && !(world->owed && world_settled(world));
}

static const struct {
    const char *law;
    bool (*holds)(const struct world *world);
} of_worlds[] = {{LAW_HOME, are_at_home},      {LAW_KEPT, has_upload},
                 {LAW_MESSAGE, is_told},       {LAW_BATCH, is_counted},
                 {LAW_PAID, is_paid_once},     {LAW_DUPLICATE, is_reported},
                 {LAW_RERUN, is_done_as_asked}};

static bool counts(const char *law, const struct rules *rules)
{
    if (rules->only != NULL)
        return rules->only == law;
    return law != LAW_PAID || !rules->pays_twice;
}

const char *laws_world(const struct world *world, const struct rules *rules)
{
    for (size_t i = 0; i < sizeof(of_worlds) / sizeof(of_worlds[0]); i++)
        if (counts(of_worlds[i].law, rules) && !of_worlds[i].holds(world))
            return of_worlds[i].law;
    return NULL;
}

/* --- steps --- */

struct change {
    const struct world *before, *after;
    const struct step *step;
    const struct rules *rules;
};

static bool changes_nothing(const struct change *change)
{
    return memcmp(&change->before->store, &change->after->store, sizeof(struct store)) == 0;
}

static bool does_once(const struct change *change)
{
    struct store again = change->after->store;
    const struct step *step = change->step;

    if (step->op.kind < OP_ADMIT || step->op.kind > OP_DROP)
        return true;
    struct reply reply = store_apply(&again, &step->op, change->rules->off);
    bool run = step->reply.record.state == RUNNING &&
               (step->op.kind == OP_ADMIT || step->op.kind == OP_CHAIN);
    bool same =
        !run || (reply.record.state == RUNNING && reply.record.token == step->reply.record.token);
    return same && memcmp(&again, &change->after->store, sizeof(again)) == 0;
}

static bool respects_token(const struct change *change)
{
    const struct op *op = &change->step->op;

    if (op->kind != OP_MOVE && op->kind != OP_CHAIN && op->kind != OP_FINISH)
        return true;
    if (change->step->reply.row == CHAIN_AGAIN) /* which goes by the token of the first index */
        return true;
    return change->before->store.task[op->task].token == op->token || changes_nothing(change);
}

static bool respects_lease(const struct change *change)
{
    const struct op *op = &change->step->op;
    bool lapsed = (change->before->store.lapsed >> op->task & 1) != 0;

    return !op->lapsed || lapsed || changes_nothing(change);
}

static bool keeps_video(const struct change *change)
{
    uint8_t video = change->before->store.task[0].video;

    return video == 0 || change->after->store.task[0].video == video;
}

static const struct {
    const char *law;
    bool (*holds)(const struct change *change);
} of_steps[] = {{LAW_TOKEN, respects_token},
                {LAW_LEASE, respects_lease},
                {LAW_TWICE, does_once},
                {LAW_FIRST, keeps_video}};

const char *laws_step(const struct world *before, const struct step *step,
                      const struct world *after, const struct rules *rules)
{
    struct change change = {before, after, step, rules};

    for (size_t i = 0; i < sizeof(of_steps) / sizeof(of_steps[0]); i++)
        if (counts(of_steps[i].law, rules) && !of_steps[i].holds(&change))
            return of_steps[i].law;
    return NULL;
}
