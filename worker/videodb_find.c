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

/* --- media ----------------------------------------------------------------------------------- */

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

static void take_last_medium(struct videodb_answer *answer, const struct json *doc, int list,
                             const struct videodb_wanted *wanted)
{
    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        struct videodb_answer found = {.says = VIDEODB_SUCCESS};
        if (!json_string_is(doc, json_get(doc, n, "name"), wanted->name) ||
            is_skipped(doc, json_get(doc, n, "id"), wanted->skip) ||
            !videodb_answer_take_media(&found, doc, n))
            continue;
        videodb_answer_clear(answer);
        *answer = found;
    }
}

static void go_on(struct videodb_answer *answer, const struct json *doc, int list,
                  struct videodb_walk *walk)
{
    enum videodb_walk_step step = videodb_walk_page(walk, doc, list);

    if (step == VIDEODB_WALK_STUCK)
        videodb_answer_unreadable(answer, "a listing without an end");
    else
        answer->says = step == VIDEODB_WALK_MORE ? VIDEODB_PROCESSING : VIDEODB_MISSING;
}

void videodb_find_medium(struct videodb_answer *answer, struct slice body,
                         const struct videodb_wanted *wanted, struct videodb_walk *walk)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_FIND_MAX))
        return;
    bool refused = answer->says == VIDEODB_FAILURE && videodb_walk_refused(walk);
    int list = list_in(answer, &envelope, videodb_medium_words(walk->medium)->list);
    if (list != JSON_NONE) {
        videodb_answer_clear(answer);
        take_last_medium(answer, &envelope.doc, list, wanted);
        if (answer->says != VIDEODB_SUCCESS)
            go_on(answer, &envelope.doc, list, walk);
    } else if (refused) {
        answer->says = VIDEODB_MISSING;
    } else if (answer->says == VIDEODB_PROCESSING) {
        videodb_answer_unreadable(answer, "a listing that is still being made");
    }
    videodb_envelope_close(&envelope);
}

/* --- scene indexes ---------------------------------------------------------------------------- */

static bool is_wanted(const struct json *doc, int scene, const struct videodb_wanted *wanted)
{
    int id = json_get(doc, scene, "scene_index_id");

    if (wanted->id[0] != '\0')
        return json_string_is(doc, id, wanted->id);
    return json_string_is(doc, json_get(doc, scene, "name"), wanted->name) &&
           !is_skipped(doc, id, wanted->skip);
}

static enum videodb_says scene_says(const struct json *doc, int scene)
{
    enum videodb_says status = videodb_envelope_status(doc, scene);
    bool known = status == VIDEODB_SUCCESS || status == VIDEODB_FAILURE;

    return known ? status : VIDEODB_PROCESSING;
}

static int best_scene(const struct json *doc, int list, const struct videodb_wanted *wanted)
{
    static const int rank[] = {
        [VIDEODB_FAILURE] = 1, [VIDEODB_SUCCESS] = 2, [VIDEODB_PROCESSING] = 3};
    int found = JSON_NONE, best = 0;

    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        int value = rank[scene_says(doc, n)];
        if (is_wanted(doc, n, wanted) && value >= best) {
            found = n;
            best = value;
        }
    }
    return found;
}

static void take_scene(struct videodb_answer *answer, const struct json *doc, int scene)
{
    answer->says = scene_says(doc, scene);
    answer->scene_index_id = videodb_answer_id(doc, scene, "scene_index_id");
    if (answer->says != VIDEODB_FAILURE)
        return;
    answer->message = videodb_envelope_message(doc, scene);
    if (answer->message == NULL)
        answer->message = xstrdup("VideoDB gave no reason.");
}

void videodb_find_scene(struct videodb_answer *answer, struct slice body,
                        const struct videodb_wanted *wanted)
{
    struct videodb_envelope envelope;

    if (!videodb_envelope_open(&envelope, answer, body, VIDEODB_FIND_MAX))
        return;
    int list = list_in(answer, &envelope, "scene_indexes");
    if (list != JSON_NONE) {
        int scene = best_scene(&envelope.doc, list, wanted);
        videodb_answer_clear(answer);
        answer->says = VIDEODB_MISSING;
        if (scene != JSON_NONE)
            take_scene(answer, &envelope.doc, scene);
    }
    videodb_envelope_close(&envelope);
}
