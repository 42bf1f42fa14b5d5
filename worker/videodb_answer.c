#include "worker/videodb_answer.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "worker/fields.h"
#include "worker/task.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_NAME_RAW = 8192, MAX_NUMBER_RAW = 64, MAX_URL_RAW = 4096, MAX_ID_RAW = 260 };

/* What is passed on of a medium: how VideoDB calls it, how notifications do, and how long it may be
 * as JSON. What is longer, or is to be a URL and is none, is left out: it may come from whoever
 * knows the URL of a callback. */
static const struct {
    const char *theirs, *ours;
    size_t most;
    bool url;
} media_keys[] = {
    {"id", "video_id", MAX_ID_RAW, false},
    {"collection_id", "collection_id", MAX_ID_RAW, false},
    {"name", "name", MAX_NAME_RAW, false},
    {"length", "length", MAX_NUMBER_RAW, false},
    {"stream_url", "stream_url", MAX_URL_RAW, true},
    {"player_url", "player_url", MAX_URL_RAW, true},
};

void videodb_answer_clear(struct videodb_answer *answer)
{
    free(answer->message);
    free(answer->media_id);
    free(answer->collection_id);
    free(answer->name);
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

static bool is_web_url(const struct json *doc, int value)
{
    struct buffer text = BUFFER(MAX_URL_RAW);
    struct url url;

    bool good = json_string(doc, value, &text) && !text.failed &&
                url_parse(buffer_slice(&text), MAX_URL_RAW, &url, NULL);
    buffer_clear(&text);
    return good;
}

/* Numbers come as numbers or as strings: both go on as they came. */
static char *media_of(const struct json *doc, int node)
{
    struct buffer out = BUFFER(2 * json_raw(doc, node).length + 1024);
    struct json_writer w = json_writer(&out);

    for (size_t i = 0; i < COUNT(media_keys); i++) {
        int value = json_get(doc, node, media_keys[i].theirs);
        enum json_type type = json_type(doc, value);
        if ((type == JSON_STRING || type == JSON_NUMBER) &&
            json_raw(doc, value).length <= media_keys[i].most &&
            (!media_keys[i].url || is_web_url(doc, value)))
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
    answer->name = fields_text(doc, node, "name");
    answer->media = media_of(doc, node);
    return true;
}
