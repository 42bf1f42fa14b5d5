/* intake_rerun -> queue_read -> on_read -> submission_rerun -> on_rerun (batches changed: once
 * more) */
#include "worker/intake_rerun.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "queue/submission.h"
#include "worker/intake_reject.h"

struct rerun {
    struct context *context;
    struct record *record;
    char *member, *id, *kind, *label;
    size_t member_length;
    struct buffer request, about; /* empty: as it was */
    int64_t max_attempts;         /* 0: as it was */
};

static void rerun_free(struct rerun *rerun)
{
    record_free(rerun->record);
    buffer_clear(&rerun->request);
    buffer_clear(&rerun->about);
    free(rerun->member);
    free(rerun->id);
    free(rerun->kind);
    free(rerun->label);
    free(rerun);
}

static void finish(struct rerun *rerun)
{
    struct context *context = rerun->context;

    rerun_free(rerun);
    context->reserved--;
    context->on_slot(context);
}

static struct slice member_of(const struct rerun *rerun)
{
    return slice_make(rerun->member, rerun->member_length);
}

static void on_read(struct record *record, void *arg);

static void on_rerun(bool accepted, void *arg)
{
    struct rerun *rerun = arg;

    if (accepted || rerun->context->draining)
        finish(rerun);
    else
        queue_read(&rerun->context->queue, rerun->id, on_read, rerun);
}

static bool contains_word(const char *words, const char *word)
{
    struct slice rest = slice_text(words);

    while (rest.length > 0) {
        size_t end = slice_find(rest, ' ');
        if (slice_is(slice_head(rest, end), word))
            return true;
        rest = slice_skip(rest, end + 1);
    }
    return false;
}

/* The failed indexes of an upload whose video exists: what is left to do. */
static size_t find_children(const struct record *record, struct transition_child *children)
{
    const char *video_id = record_text(record, RECORD_video_id);
    struct task task;
    size_t count = 0;

    if (video_id[0] == '\0' || !record_is(record, RECORD_kind, "upload") ||
        !task_parse_request(&task, slice_text(record_text(record, RECORD_request)), NULL))
        return 0;
    for (size_t i = 0; i < task.index_count; i++) {
        const char *label = task.indexes[i].label;
        struct buffer request = BUFFER(ITEM_MAX_WRITTEN);
        if (!contains_word(record_text(record, RECORD_failed_labels), label))
            continue;
        task_add_child_request(&request, &task, i, video_id);
        children[count++] = (struct transition_child){xasprintf("%s/%s", record->id, label),
                                                      xstrdup(label), buffer_take(&request)};
    }
    task_clear(&task);
    return count;
}

static void apply(struct rerun *rerun)
{
    struct transition_child children[ITEM_MAX_INDEXES];
    size_t count = find_children(rerun->record, children);
    struct submission_rerun submission = {
        .member = member_of(rerun),
        .record = rerun->record,
        .child_count = count,
        .children = children,
        .request = buffer_text(&rerun->request),
        .about = buffer_text(&rerun->about),
        .kind = rerun->kind,
        .label = rerun->label,
        .max_attempts = rerun->max_attempts,
    };
    log_info("rerun", "id=%s indexes=%zu", rerun->id, count);
    submission_rerun(&rerun->context->queue, &submission, on_rerun, rerun);
    for (size_t i = 0; i < count; i++) {
        free(children[i].id);
        free(children[i].label);
        free(children[i].request);
    }
}

static void reject(struct rerun *rerun)
{
    intake_reject_id(rerun->context, member_of(rerun), rerun->id);
    rerun_free(rerun);
}

static void on_read(struct record *record, void *arg)
{
    struct rerun *rerun = arg;

    record_free(rerun->record);
    rerun->record = record;
    if (record == NULL) {
        finish(rerun); /* Redis is away: the item comes back by itself */
    } else if (record_is(record, RECORD_state, "failed")) {
        if (record_text(record, RECORD_request)[0] != '\0' || rerun->request.length > 0)
            apply(rerun);
        else
            reject(rerun); /* the record of a mistake: there is nothing to run again */
    } else if (record_is(record, RECORD_state, "") && rerun->request.length == 0) {
        reject(rerun);
    } else {
        log_info("repeat", "id=%s state=%s", rerun->id, record_text(record, RECORD_state));
        queue_drop(&rerun->context->queue, QUEUE_TASKS, member_of(rerun));
        finish(rerun);
    }
}

void intake_rerun(struct context *context, struct slice member, const char *id,
                  const struct task *task)
{
    struct rerun *rerun = xcalloc(1, sizeof(*rerun));

    rerun->context = context;
    rerun->member = slice_copy(member);
    rerun->member_length = member.length;
    rerun->id = xstrdup(id);
    buffer_init(&rerun->request, ITEM_MAX_WRITTEN);
    buffer_init(&rerun->about, ITEM_MAX_WRITTEN);
    rerun->kind = xstrdup(task != NULL ? task_kind_name(task->kind) : "");
    rerun->label = xstrdup(task != NULL && task->kind == TASK_INDEX ? task->indexes[0].label : "");
    if (task != NULL) {
        task_add_request(&rerun->request, task);
        task_add_about(&rerun->about, task);
        rerun->max_attempts = task->max_attempts;
    }
    queue_read(&context->queue, id, on_read, rerun);
}
