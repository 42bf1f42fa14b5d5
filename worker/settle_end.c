/* The ends of a task: ready, failed. */
#include <stdlib.h>

#include "base/xalloc.h"
#include "worker/fragment.h"
#include "worker/settle_op.h"

static void apply_finish(struct settle *settle)
{
    settle->finish.lapsed = settle->lapsed;
    settle->event = settle->finish.ready ? "ready" : "failed";
    transition_finish(&settle->context->queue, settle->record, &settle->finish,
                      (struct transition_end){settle_on_applied, settle});
}

void settle_fail(struct settle *settle, const struct settle_reason *reason)
{
    struct record *record = settle->record;
    struct transition_finish *finish = &settle->finish;

    if (settle->outcome == OUTCOME_COUNT)
        settle->outcome = OUTCOME_rejected;
    settle->failure = fragment_failure(record, reason->error, reason->action);
    settle->index_state = fragment_index_state(NULL, reason->error);
    finish->failure = settle->failure;
    finish->index_state = settle->index_state;
    transition_field(&finish->fields, "failure", settle->failure);
    if (record_is(record, RECORD_kind, "index") && record_text(record, RECORD_parent)[0] == '\0') {
        settle->indexes = fragment_indexes(record, settle->index_state);
        transition_field(&finish->fields, "indexes", settle->indexes);
    }
    apply_finish(settle);
}

static char *copy_or_null(const char *text)
{
    return text != NULL ? xstrdup(text) : NULL;
}

/* An index that was known by its id may have been there before: whose it is is left open. */
static void finish_index(struct settle *settle, const struct videodb_answer *answer, bool found)
{
    if (record_is(settle->record, RECORD_scene_index_id, ""))
        settle->video_id = copy_or_null(answer->scene_index_id);
    settle->finish.video_id = settle->video_id;
    settle->finish.found = found;
    settle->index_state = fragment_index_state(answer->scene_index_id, NULL);
    settle->finish.index_state = settle->index_state;
    if (record_text(settle->record, RECORD_parent)[0] == '\0') {
        settle->indexes = fragment_indexes(settle->record, settle->index_state);
        transition_field(&settle->finish.fields, "indexes", settle->indexes);
    }
    apply_finish(settle);
}

void settle_keep_media(struct settle *settle, struct transition_fields *fields)
{
    transition_field(fields, "video", settle->media);
    transition_field(fields, "video_id", settle->video_id);
    transition_set(fields, settle->record, RECORD_collection_id, settle->collection_id);
    transition_clear(fields, settle->record, RECORD_output_url);
}

static void finish_upload(struct settle *settle, bool found)
{
    settle->finish.found = found;
    settle->finish.video_id = settle->video_id;
    settle_keep_media(settle, &settle->finish.fields);
    apply_finish(settle);
}

/* Only a video has something to index. */
static void take_media(struct settle *settle, const struct videodb_answer *answer, bool found)
{
    const char *request = record_text(settle->record, RECORD_request);
    struct task task = {0};
    struct error error;
    bool read = task_parse_request(&task, slice_text(request), &error);

    settle->media = copy_or_null(answer->media);
    settle->video_id = copy_or_null(answer->media_id);
    settle->collection_id = copy_or_null(answer->collection_id);
    if (read && task.index_count > 0 && videodb_is_video(answer->media_id))
        settle_chain(settle, &task, found);
    else
        finish_upload(settle, found);
    if (read)
        task_clear(&task);
}

void settle_success(struct settle *settle, const struct videodb_answer *answer,
                    enum settle_origin origin)
{
    bool found = origin != SETTLE_KNOWN;

    settle->outcome = OUTCOME_done;
    settle->told = origin == SETTLE_TOLD;
    settle->finish.ready = true;
    if (record_is(settle->record, RECORD_kind, "index"))
        finish_index(settle, answer, found);
    else
        take_media(settle, answer, found);
}
