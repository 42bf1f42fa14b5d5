/* intake_reject -> submission_reject -> on_rejected (the id is another task's: once more with a new
 * id) -> slot back */
#include "worker/intake_reject.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "queue/submission.h"

struct rejection {
    struct context *context;
    char *member, *id, *failure, *about, *batch;
    size_t member_length;
    int64_t batch_size;
    bool keep, own_id;
};

static void rejection_free(struct rejection *rejection)
{
    free(rejection->member);
    free(rejection->id);
    free(rejection->failure);
    free(rejection->about);
    free(rejection->batch);
    free(rejection);
}

static void on_rejected(bool accepted, void *arg);

static void apply(struct rejection *rejection)
{
    struct submission_reject reject = {
        .member = slice_make(rejection->member, rejection->member_length),
        .id = rejection->id,
        .failure = rejection->failure,
        .about = rejection->about,
        .batch = rejection->batch,
        .batch_size = rejection->batch_size,
        .keep = rejection->keep,
    };
    submission_reject(&rejection->context->queue, &reject, on_rejected, rejection);
}

static void on_rejected(bool accepted, void *arg)
{
    struct rejection *rejection = arg;
    struct context *context = rejection->context;

    if (!accepted && rejection->own_id && !context->draining) {
        free(rejection->id);
        rejection->id = keys_new_id("bad");
        rejection->own_id = false;
        apply(rejection);
        return;
    }
    context->reserved--;
    context->failed.value += accepted;
    rejection_free(rejection);
    context->on_slot(context);
}

static char *failure_of(const char *error, const char *action)
{
    struct buffer out = BUFFER(4096);
    struct json_writer w = json_writer(&out);

    json_key_string(&w, "stage", "submit");
    json_key_string(&w, "error", error);
    json_key_string(&w, "action", action);
    return buffer_take(&out);
}

static char *about_of(const struct item *item)
{
    struct buffer out = BUFFER(ITEM_MAX_WRITTEN);
    struct json_writer w = json_writer(&out);

    if (item->batch != NULL)
        json_key_string(&w, "batch", item->batch);
    if (item->meta != NULL)
        json_key_raw(&w, "meta", slice_text(item->meta));
    return buffer_take(&out);
}

static struct rejection *rejection_new(struct context *context, struct slice member)
{
    struct rejection *rejection = xcalloc(1, sizeof(*rejection));
    rejection->context = context;
    rejection->member = slice_copy(member);
    rejection->member_length = member.length;
    return rejection;
}

void intake_reject(struct context *context, struct slice member, const struct item *item)
{
    struct rejection *rejection = rejection_new(context, member);

    rejection->own_id = item->id != NULL;
    rejection->id = item->id != NULL ? xstrdup(item->id) : keys_new_id("bad");
    rejection->failure = failure_of(item->error.text, "Correct the item and submit it again.");
    rejection->about = about_of(item);
    rejection->batch = xstrdup(item->batch != NULL ? item->batch : "");
    rejection->batch_size = item->batch_size;
    rejection->keep = true;
    log_warn("item-rejected", "id=%s error=%s", rejection->id, log_quote_text(item->error.text));
    apply(rejection);
}

/* A number or a bare word is an id by its form: whoever meant something else should see that. */
void intake_reject_id(struct context *context, struct slice member, const char *id)
{
    struct rejection *rejection = rejection_new(context, member);
    struct error error;

    error_set(&error, "No such task: %s (a bare word or number is the id of a failed task).", id);
    rejection->id = xstrdup(id);
    rejection->failure = failure_of(error.text, "Submit the task as a JSON object.");
    rejection->about = xstrdup("");
    rejection->batch = xstrdup("");
    log_warn("item-rejected", "id=%s error=%s", id, log_quote_text(error.text));
    apply(rejection);
}
