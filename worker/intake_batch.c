/* intake_batch -> expand a slice -> on_expanded -> the next slice ... -> slot back
 * The end of the batch goes first, so that its start is at the front of the queue when all is done.
 * Redis counts what is expanded: a batch whose worker died goes on where it was. */
#include "worker/intake_batch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "queue/submission.h"
#include "worker/intake_reject.h"

struct expansion {
    struct context *context;
    struct item item; /* its slices point into `member` */
    char *member;
    size_t member_length;
};

static struct slice member_of(const struct expansion *expansion)
{
    return slice_make(expansion->member, expansion->member_length);
}

static void expansion_free(struct expansion *expansion)
{
    item_clear(&expansion->item);
    free(expansion->member);
    free(expansion);
}

static void finish(struct expansion *expansion)
{
    struct context *context = expansion->context;

    expansion_free(expansion);
    context->reserved--;
    context->on_slot(context);
}

static void on_expanded(int64_t expanded, void *arg);

static void expand(struct expansion *expansion, size_t expanded)
{
    struct buffer texts[QUEUE_MAX_ITEMS];
    struct slice items[QUEUE_MAX_ITEMS];
    size_t left = expansion->item.task_count - expanded;
    size_t count = left < QUEUE_MAX_ITEMS ? left : QUEUE_MAX_ITEMS;

    /* cppcheck-suppress knownConditionTrueFalse ; item_parse() has filled in the count */
    for (size_t i = 0; i < count; i++) {
        buffer_init(&texts[i], ITEM_MAX_WRITTEN);
        item_add_member(&texts[i], &expansion->item, left - count + i);
        items[i] = buffer_slice(&texts[i]);
    }
    struct submission_expand submission = {
        .member = member_of(expansion),
        .batch = expansion->item.id,
        .total = (int64_t)expansion->item.task_count,
        .expanded = (int64_t)expanded,
        .count = count,
        .items = items,
    };
    submission_expand(&expansion->context->queue, &submission, on_expanded, expansion);
    for (size_t i = 0; i < count; i++)
        buffer_clear(&texts[i]);
}

static void reject(struct expansion *expansion, const char *error)
{
    error_set(&expansion->item.error, "%s", error);
    intake_reject(expansion->context, member_of(expansion), &expansion->item);
    expansion_free(expansion);
}

static void on_expanded(int64_t expanded, void *arg)
{
    struct expansion *expansion = arg;

    if (expanded == SUBMISSION_OTHER_SIZE)
        reject(expansion, "tasks: this batch was given before with another number of tasks");
    else if (expanded < 0 || (size_t)expanded >= expansion->item.task_count) {
        log_info("batch-expanded", "batch=%s tasks=%zu", expansion->item.id,
                 expansion->item.task_count);
        finish(expansion);
    } else {
        expand(expansion, (size_t)expanded);
    }
}

void intake_batch(struct context *context, struct slice member)
{
    struct expansion *expansion = xcalloc(1, sizeof(*expansion));

    expansion->context = context;
    expansion->member = slice_copy(member);
    expansion->member_length = member.length;
    item_parse(&expansion->item, queue_item(member_of(expansion)), &context->defaults);
    if (expansion->item.id == NULL)
        reject(expansion, "id: is missing: a batch needs a name");
    else
        expand(expansion, 0);
}
