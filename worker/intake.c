/* intake_take -> item_parse -> by kind:
 *   tasks, calls, questions -> one admission_apply for all -> on_admitted -> run_start
 *   mistakes -> intake_reject; batches -> intake_expand; failed tasks again -> intake_rerun */
#include "worker/intake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "queue/admission.h"
#include "worker/intake_batch.h"
#include "worker/intake_reject.h"
#include "worker/intake_rerun.h"
#include "worker/run.h"

/* One claimed item on its way, with the texts that its admission borrows. */
struct intake {
    struct item item;
    char *member;
    size_t member_length;
    char *id, *token;
    struct buffer request, about;
    struct admission admission;
};

/* The items of one claim that are admitted together. */
struct arrival {
    struct context *context;
    int64_t started_ms;
    size_t count;
    struct intake *intakes[QUEUE_MAX_ITEMS];
};

static void intake_free(struct intake *intake)
{
    item_clear(&intake->item);
    buffer_clear(&intake->request);
    buffer_clear(&intake->about);
    free(intake->member);
    free(intake->id);
    free(intake->token);
    free(intake);
}

static struct slice member_of(const struct intake *intake)
{
    return slice_make(intake->member, intake->member_length);
}

static struct admission describe_task(struct intake *intake)
{
    struct task *task = &intake->item.task;

    intake->id = task->id != NULL ? xstrdup(task->id) : keys_new_id("t");
    buffer_init(&intake->request, ITEM_MAX_WRITTEN);
    buffer_init(&intake->about, ITEM_MAX_WRITTEN);
    task_add_request(&intake->request, task);
    task_add_about(&intake->about, task);
    return (struct admission){
        .op = "new",
        .id = intake->id,
        .token = "",
        .kind = task_kind_name(task->kind),
        .request = buffer_text(&intake->request),
        .about = buffer_text(&intake->about),
        .batch = task->batch != NULL ? task->batch : "",
        .label = task->kind == TASK_INDEX ? task->indexes[0].label : "",
        .max_attempts = task->max_attempts,
        .batch_size = task->batch_size,
    };
}

static struct admission describe_queued(struct intake *intake)
{
    intake->id = xstrdup(intake->item.id);
    intake->token = xasprintf("%" PRIu64, intake->item.token);
    return (struct admission){
        .op = intake->item.kind == ITEM_CALL ? "@" : "?",
        .id = intake->id,
        .token = intake->token,
        .kind = "",
        .request = "",
        .about = "",
        .batch = "",
        .label = "",
    };
}

/* The record of a run that was just made: the script does not send back what it was given. */
static void complete_record(struct record *record, const struct admission *admission)
{
    record_set(record, RECORD_kind, admission->kind);
    record_set(record, RECORD_request, admission->request);
    record_set(record, RECORD_about, admission->about);
    record_set(record, RECORD_batch, admission->batch);
    record_set(record, RECORD_label, admission->label);
    record_set(record, RECORD_purpose, "call");
    record_set_int(record, RECORD_max_attempts, admission->max_attempts);
}

static void release_slot(struct context *context)
{
    context->reserved--;
    context->on_slot(context);
}

/* Since when an index has queued that is called for the first time. The record has the time of
 * Redis, by whose clock that was. */
static int64_t told_at_ms(const struct record *record)
{
    bool first = record_is(record, RECORD_purpose, "call") && record_int(record, RECORD_calls) == 1;

    if (!first || record_is(record, RECORD_parent, ""))
        return 0;
    return clock_wall_ms() - (record->now_ms - record_int(record, RECORD_submitted_at));
}

static void start_run(struct arrival *arrival, struct intake *intake,
                      const struct admission_result *admitted)
{
    struct context *context = arrival->context;

    if (intake->item.kind == ITEM_TASK)
        complete_record(admitted->record, &intake->admission);
    context->reserved--;
    run_start(context, admitted->record,
              (struct run_times){arrival->started_ms + context->queue.lease_ms,
                                 told_at_ms(admitted->record)});
}

/* A submitted task whose id is there: a failed one runs again, as this item asks for. */
static void start_known(struct arrival *arrival, struct intake *intake, const char *state)
{
    struct context *context = arrival->context;

    if (strcmp(state, "failed") == 0) {
        intake_rerun(context, member_of(intake), intake->id, &intake->item.task);
        return;
    }
    log_info("repeat", "id=%s state=%s", intake->id, state);
    release_slot(context);
}

static void on_admitted(const struct admission_result *items, void *arg)
{
    struct arrival *arrival = arg;

    for (size_t i = 0; i < arrival->count; i++) {
        struct intake *intake = arrival->intakes[i];
        if (items == NULL || items[i].result == ADMISSION_STALE)
            release_slot(arrival->context);
        else if (items[i].result == ADMISSION_UNKNOWN)
            intake_reject_id(arrival->context, member_of(intake), intake->id);
        else if (items[i].result == ADMISSION_RUN)
            start_run(arrival, intake, &items[i]);
        else
            start_known(arrival, intake, items[i].state);
        intake_free(intake);
    }
    free(arrival);
}

static void admit(struct arrival *arrival)
{
    struct admission items[QUEUE_MAX_ITEMS];
    struct admission_batch batch = {arrival->count, items};

    if (arrival->count == 0) {
        free(arrival);
        return;
    }
    for (size_t i = 0; i < arrival->count; i++) {
        struct intake *intake = arrival->intakes[i];
        intake->admission =
            intake->item.kind == ITEM_TASK ? describe_task(intake) : describe_queued(intake);
        intake->admission.member = member_of(intake);
        items[i] = intake->admission;
    }
    arrival->started_ms = clock_monotonic_ms();
    admission_apply(&arrival->context->queue, &batch, on_admitted, arrival);
}

static struct intake *intake_new(struct context *context, struct slice member)
{
    struct intake *intake = xcalloc(1, sizeof(*intake));

    intake->member = slice_copy(member);
    intake->member_length = member.length;
    item_parse(&intake->item, queue_item(member_of(intake)), &context->defaults);
    return intake;
}

static void sort_out(struct arrival *arrival, struct intake *intake)
{
    struct context *context = arrival->context;

    switch (intake->item.kind) {
    case ITEM_TASK:
    case ITEM_CALL:
    case ITEM_QUESTION:
        arrival->intakes[arrival->count++] = intake;
        return;
    case ITEM_BATCH:
        intake_batch(context, member_of(intake));
        break;
    case ITEM_ID:
        intake_rerun(context, member_of(intake), intake->item.id, NULL);
        break;
    case ITEM_BAD:
        intake_reject(context, member_of(intake), &intake->item);
        break;
    }
    intake_free(intake);
}

void intake_take(struct context *context, const struct queue_claim *claim)
{
    struct arrival *arrival = xcalloc(1, sizeof(*arrival));

    arrival->context = context;
    context->reserved += (unsigned)claim->count;
    for (size_t i = 0; i < claim->count; i++)
        sort_out(arrival, intake_new(context, claim->members[i]));
    admit(arrival);
}
