#include "worker/videodb_find.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "worker/videodb_envelope.h"

/* The array `key` of data; JSON_NONE when there is none, and then the answer says what that means:
 * MISSING where data is there and empty. */
static int list_in(struct videodb_answer *answer, const struct videodb_envelope *envelope,
                   const char *key)
{
    int list = json_get(&envelope->doc, envelope->data, key);
    enum json_type type = json_type(&envelope->doc, envelope->data);

    if (json_type(&envelope->doc, list) == JSON_ARRAY)
        return list;
    videodb_envelope_doubt(answer);
    if (answer->says != VIDEODB_SUCCESS)
        return JSON_NONE;
    answer->says = VIDEODB_MISSING;
    if (type != JSON_NULL && type != JSON_OBJECT)
        videodb_answer_unreadable(answer, "a listing without data");
    else if (json_length(&envelope->doc, envelope->data) > 0)
        videodb_answer_unreadable(answer, "a listing without its list");
    return JSON_NONE;
}

/* --- videos ----------------------------------------------------------------------------------- */

static bool is_skipped(const struct json *doc, int id, const char *skip)
{
    struct slice rest = slice_text(skip), raw = json_raw(doc, id);
    struct slice text = raw.length < 2 ? raw : slice_make(raw.data + 1, raw.length - 2);

    while (rest.length > 0) {
        size_t space = slice_find(rest, ' ');
        if (slice_equal(slice_head(rest, space), text))
            return true;
        rest = slice_skip(rest, space + 1);
    }
    return false;
}

static void take_last_video(struct videodb_answer *answer, const struct json *doc, int list,
                            const char *const names[2])
{
    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        struct videodb_answer found = {.says = VIDEODB_SUCCESS};
        if (!json_string_is(doc, json_get(doc, n, "name"), names[0]) ||
            is_skipped(doc, json_get(doc, n, "id"), names[1]) ||
            !videodb_answer_take_media(&found, doc, n))
            continue;
        videodb_answer_clear(answer);
        *answer = found;
    }
}

void videodb_find_video(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *skip)
{
    const char *const names[2] = {name, skip};
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_FIND_MAX))
        return;
    int list = list_in(answer, &envelope, "videos");
    if (list != JSON_NONE) {
        videodb_answer_clear(answer);
        answer->says = VIDEODB_MISSING;
        take_last_video(answer, &envelope.doc, list, names);
    }
    videodb_envelope_close(&envelope);
}

/* --- scene indexes ---------------------------------------------------------------------------- */

static int last_scene(const struct json *doc, int list, const char *name, const char *id)
{
    const char *key = id[0] == '\0' ? "name" : "scene_index_id";
    const char *value = id[0] == '\0' ? name : id;
    int found = JSON_NONE;

    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n))
        if (json_string_is(doc, json_get(doc, n, key), value))
            found = n;
    return found;
}

static void take_scene(struct videodb_answer *answer, const struct json *doc, int scene)
{
    enum videodb_says status = videodb_envelope_status(doc, scene);
    bool known = status == VIDEODB_SUCCESS || status == VIDEODB_FAILURE;

    answer->says = known ? status : VIDEODB_PROCESSING;
    answer->scene_index_id = videodb_answer_id(doc, scene, "scene_index_id");
    if (status != VIDEODB_FAILURE)
        return;
    answer->message = videodb_envelope_message(doc, scene);
    if (answer->message == NULL)
        answer->message = xstrdup("VideoDB gave no reason.");
}

void videodb_find_scene(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *id)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_FIND_MAX))
        return;
    int list = list_in(answer, &envelope, "scene_indexes");
    if (list != JSON_NONE) {
        int scene = last_scene(&envelope.doc, list, name, id);
        videodb_answer_clear(answer);
        answer->says = VIDEODB_MISSING;
        if (scene != JSON_NONE)
            take_scene(answer, &envelope.doc, scene);
    }
    videodb_envelope_close(&envelope);
}
