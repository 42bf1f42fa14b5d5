#include "worker/question.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/fields.h"
#include "worker/hint.h"
#include "worker/item.h"

/* The name that its submitter gave it, to be freed; NULL without. A scene index has it among its
 * options. */
static char *chosen_name(const struct task *task)
{
    struct json_limits limits = {ITEM_MAX_BYTES, ITEM_MAX_DEPTH};
    struct json options;

    if (task->kind == TASK_UPLOAD)
        return task->name != NULL ? xstrdup(task->name) : NULL;
    if (!json_parse(&options, slice_text(task->indexes[0].options), &limits, NULL))
        return NULL;
    char *name = fields_text(&options, JSON_ROOT, "name");
    json_clear(&options);
    return name;
}

static bool is_spoken(const struct task *task)
{
    return task->kind == TASK_INDEX && strcmp(task->indexes[0].type, "spoken_words") == 0;
}

enum question_kind question_choose(const struct question_about *about, bool unique_names)
{
    const struct task *task = about->task;

    if (task->kind == TASK_UPLOAD && hint_medium(about->record) != NULL)
        return QUESTION_HINT;
    if (record_text(about->record, RECORD_output_url)[0] != '\0')
        return QUESTION_JOB;
    if (is_spoken(task))
        return QUESTION_SPOKEN;
    if (task->kind == TASK_INDEX)
        return QUESTION_SCENES; /* of this one video */
    return task->name == NULL || unique_names ? QUESTION_MEDIA : QUESTION_NONE;
}

static bool says_what_it_is(const struct task *task)
{
    return videodb_medium_of_type(task->media_type) != VIDEODB_MEDIA;
}

void question_request(struct videodb_request *request, const struct question *question)
{
    const struct task *task = question->about.task;
    struct videodb_walk *walk = question->walk;

    if (says_what_it_is(task))
        walk->medium = videodb_medium_of_type(task->media_type);
    if (question->kind == QUESTION_HINT)
        videodb_get_medium(request, hint_medium(question->about.record), task->collection_id);
    else if (question->kind == QUESTION_MEDIA)
        videodb_list_media(request, task->collection_id, walk);
    else if (question->kind == QUESTION_SPOKEN)
        videodb_spoken_status(request, task->video_id);
    else
        videodb_list_scenes(request, task->video_id, task->collection_id);
}

/* What no listing has yet may be in the next one, unless the task said what it is. */
static void find_medium(struct videodb_answer *answer, const struct question *question,
                        struct slice body, const struct videodb_wanted *wanted)
{
    struct videodb_walk *walk = question->walk;

    videodb_find_medium(answer, body, wanted, walk);
    if (answer->says != VIDEODB_MISSING || says_what_it_is(question->about.task) ||
        walk->medium + 1 == VIDEODB_MEDIA)
        return;
    videodb_walk_start(walk, walk->medium + 1);
    answer->says = VIDEODB_PROCESSING;
}

static void find(struct videodb_answer *answer, const struct question *question, struct slice body)
{
    const struct question_about *about = &question->about;
    char *name = chosen_name(about->task);
    struct videodb_wanted wanted = {.name = name != NULL ? name : about->task->id,
                                    .id = record_text(about->record, RECORD_scene_index_id),
                                    .skip = record_text(about->record, RECORD_skip)};

    if (question->kind == QUESTION_MEDIA)
        find_medium(answer, question, body, &wanted);
    else
        videodb_find_scene(answer, body, &wanted);
    free(name);
}

static bool same_text(const char *one, const char *other)
{
    return one != NULL && strcmp(one, other) == 0;
}

bool question_fits(const struct videodb_answer *answer, const struct task *task)
{
    const char *name = task->name != NULL ? task->name : task->id;
    bool any =
        strcmp(task->collection_id, TASK_DEFAULT_COLLECTION) == 0; /* an alias, never said back */

    return answer->says == VIDEODB_SUCCESS && same_text(answer->name, name) &&
           (any || same_text(answer->collection_id, task->collection_id));
}

static void check_hint(struct videodb_answer *answer, const struct question *question,
                       struct slice body)
{
    videodb_read_upload(answer, body);
    if (!same_text(answer->media_id, hint_medium(question->about.record)) ||
        !question_fits(answer, question->about.task))
        videodb_answer_unreadable(answer, "not the task's medium");
}

void question_read(struct videodb_answer *answer, const struct question *question,
                   struct slice body)
{
    if (question->kind == QUESTION_HINT)
        check_hint(answer, question, body);
    else if (question->kind == QUESTION_MEDIA || question->kind == QUESTION_SCENES)
        find(answer, question, body);
    else if (question->kind == QUESTION_SPOKEN)
        videodb_read_spoken_status(answer, body);
    else if (question->about.task->kind == TASK_UPLOAD)
        videodb_read_upload(answer, body);
    else
        videodb_read_index(answer, body);
}

bool question_by_name(const struct question *question)
{
    return question->kind == QUESTION_HINT || question->kind == QUESTION_MEDIA ||
           (question->kind == QUESTION_SCENES &&
            record_is(question->about.record, RECORD_scene_index_id, ""));
}

bool question_by_chosen_name(const struct question *question)
{
    char *name = question_by_name(question) ? chosen_name(question->about.task) : NULL;
    bool chosen = name != NULL;

    free(name);
    return chosen;
}
