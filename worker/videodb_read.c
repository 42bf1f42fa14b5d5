#include "worker/videodb_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/fields.h"
#include "worker/task.h"
#include "worker/videodb_envelope.h"
#include "worker/videodb_medium.h"

/* What is of use whatever the job is. */
static void take_common(struct videodb_answer *answer, const struct videodb_envelope *envelope)
{
    answer->output_url = fields_text(&envelope->doc, envelope->data, "output_url");
    /* A word for "there is none" makes no sense about a job that was just asked for. */
    if (answer->says != VIDEODB_MISSING)
        return;
    answer->says = VIDEODB_FAILURE;
    answer->message = xstrdup("VideoDB does not know of the job.");
}

void videodb_read_upload(struct videodb_answer *answer, struct slice body)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_READ_MAX))
        return;
    take_common(answer, &envelope);
    /* While it is processing, data.id is the job's. */
    if (answer->says == VIDEODB_SUCCESS &&
        !videodb_answer_take_media(answer, &envelope.doc, envelope.data))
        videodb_answer_unreadable(answer, "a success without a usable data.id");
    videodb_envelope_close(&envelope);
}

void videodb_read_index(struct videodb_answer *answer, struct slice body)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_READ_MAX))
        return;
    take_common(answer, &envelope);
    answer->scene_index_id = videodb_answer_id(&envelope.doc, envelope.data, "scene_index_id");
    videodb_envelope_close(&envelope);
}

/* Whether it is the index that failed: it says so by a status, or by a reason that only an index
 * can have. */
static bool index_failed(const struct videodb_answer *answer,
                         const struct videodb_envelope *envelope)
{
    struct slice message = slice_text(answer->message);

    return envelope->status == VIDEODB_FAILURE ||
           slice_contains_nocase(message, "no spoken data") ||
           slice_contains_nocase(message, "failed to detect the language");
}

static bool has_text(const struct videodb_envelope *envelope, int node, const char *key)
{
    char *text = fields_text(&envelope->doc, node, key);
    bool has = text != NULL;

    free(text);
    return has;
}

static void settle_spoken(struct videodb_answer *answer, const struct videodb_envelope *envelope)
{
    if (answer->says == VIDEODB_FAILURE && !index_failed(answer, envelope))
        videodb_envelope_doubt(answer);
    if (answer->says != VIDEODB_SUCCESS || envelope->status == VIDEODB_SUCCESS)
        return;
    if (envelope->status == VIDEODB_MISSING) {
        answer->says = VIDEODB_MISSING;
        return;
    }
    if (!has_text(envelope, envelope->node, "status") &&
        !has_text(envelope, envelope->data, "status"))
        answer->says = VIDEODB_MISSING;
    else
        videodb_answer_unreadable(answer, "its status is not a known word");
}

void videodb_read_spoken_status(struct videodb_answer *answer, struct slice body)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_READ_MAX))
        return;
    settle_spoken(answer, &envelope);
    answer->output_url = fields_text(&envelope.doc, envelope.data, "output_url");
    videodb_envelope_close(&envelope);
}

char *videodb_existing_id(const char *message)
{
    static const char mark[] = "with id ";
    const char *at = strstr(message, mark);

    if (at == NULL)
        return NULL;
    at += strlen(mark);
    struct slice id = slice_make(at, strcspn(at, " ,;"));
    return task_valid_media_id(id) ? slice_copy(id) : NULL;
}

bool videodb_is_video(const char *media_id)
{
    return videodb_medium_of_id(media_id) == VIDEODB_VIDEO;
}
