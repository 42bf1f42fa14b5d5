#include "worker/question.h"

#include <string.h>

#include "worker/item.h"

/* A scene index has its name among its options. */
static bool names_itself(const struct task *task)
{
    if (task->kind == TASK_UPLOAD)
        return task->name != NULL;
    struct json_limits limits = {ITEM_MAX_BYTES, ITEM_MAX_DEPTH};
    struct json options;
    if (!json_parse(&options, slice_text(task->indexes[0].options), &limits, NULL))
        return true;
    bool named = json_get(&options, JSON_ROOT, "name") != JSON_NONE;
    json_clear(&options);
    return named;
}

const char *question_name(const struct task *task)
{
    return task->kind == TASK_UPLOAD && task->name != NULL ? task->name : task->id;
}

static bool is_spoken(const struct task *task)
{
    return task->kind == TASK_INDEX && strcmp(task->indexes[0].type, "spoken_words") == 0;
}

enum question_kind question_choose(const struct record *record, const struct task *task,
                                   bool unique_names)
{
    if (record_text(record, RECORD_output_url)[0] != '\0')
        return QUESTION_JOB;
    if (is_spoken(task))
        return QUESTION_SPOKEN;
    if (names_itself(task) && !(unique_names && task->kind == TASK_UPLOAD))
        return QUESTION_NONE;
    return task->kind == TASK_UPLOAD ? QUESTION_VIDEOS : QUESTION_SCENES;
}

void question_request(struct videodb_request *request, enum question_kind kind,
                      const struct task *task)
{
    if (kind == QUESTION_VIDEOS)
        videodb_list_videos(request, task->collection_id);
    else if (kind == QUESTION_SPOKEN)
        videodb_spoken_status(request, task->video_id);
    else
        videodb_list_scenes(request, task->video_id, task->collection_id);
}

void question_read(struct videodb_answer *answer, enum question_kind kind, struct slice body,
                   const struct task *task)
{
    if (kind == QUESTION_VIDEOS)
        videodb_find_video(answer, body, question_name(task), "");
    else if (kind == QUESTION_SPOKEN)
        videodb_read_spoken_status(answer, body);
    else if (kind == QUESTION_SCENES)
        videodb_find_scene(answer, body, question_name(task), "");
    else if (task->kind == TASK_UPLOAD)
        videodb_read_upload(answer, body);
    else
        videodb_read_index(answer, body);
}
