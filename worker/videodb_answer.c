#include "worker/videodb_answer.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "worker/fields.h"
#include "worker/task.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is passed on of a medium: how VideoDB calls it, how notifications do. */
static const struct {
    const char *theirs, *ours;
} media_keys[] = {
    {"id", "video_id"},   {"collection_id", "collection_id"}, {"name", "name"},
    {"length", "length"}, {"stream_url", "stream_url"},       {"player_url", "player_url"},
};

void videodb_answer_clear(struct videodb_answer *answer)
{
    free(answer->message);
    free(answer->media_id);
    free(answer->collection_id);
    free(answer->output_url);
    free(answer->scene_index_id);
    free(answer->media);
    *answer = (struct videodb_answer){.says = VIDEODB_UNREADABLE};
}

void videodb_answer_unreadable(struct videodb_answer *answer, const char *why)
{
    char *message = xstrdup(why);

    videodb_answer_clear(answer);
    answer->message = message;
}

char *videodb_answer_id(const struct json *doc, int node, const char *key)
{
    char *id = fields_text(doc, node, key);

    if (id != NULL && task_valid_media_id(slice_text(id)))
        return id;
    free(id);
    return NULL;
}

/* Numbers come as numbers or as strings: both go on as they came. */
static char *media_of(const struct json *doc, int node)
{
    struct buffer out = BUFFER(2 * json_raw(doc, node).length + 1024);
    struct json_writer w = json_writer(&out);

    for (size_t i = 0; i < COUNT(media_keys); i++) {
        int value = json_get(doc, node, media_keys[i].theirs);
        enum json_type type = json_type(doc, value);
        if (type == JSON_STRING || type == JSON_NUMBER)
            json_key_raw(&w, media_keys[i].ours, json_raw(doc, value));
    }
    return buffer_take(&out);
}

bool videodb_answer_take_media(struct videodb_answer *answer, const struct json *doc, int node)
{
    char *id = videodb_answer_id(doc, node, "id");

    if (id == NULL)
        return false;
    answer->media_id = id;
    answer->collection_id = videodb_answer_id(doc, node, "collection_id");
    answer->media = media_of(doc, node);
    return true;
}
