#include "worker/fragment.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "base/utf8.h"
#include "base/xalloc.h"

/* Texts of VideoDB's are cut, so that a fragment never is. */
enum { MAX_TEXT = 1000, MAX_FRAGMENT = 1 << 16 };

static void add_text(struct json_writer *w, const char *key, const char *text)
{
    json_key_slice(w, key, utf8_head(slice_text(text), MAX_TEXT));
}

char *fragment_attempt(const struct record *record, const char *error)
{
    struct buffer out = BUFFER(MAX_FRAGMENT);
    struct json_writer w = json_writer(&out);

    json_key_int(&w, "attempt", record_int(record, RECORD_attempt));
    if (error != NULL)
        add_text(&w, "error", error);
    return buffer_take(&out);
}

char *fragment_failure(const struct record *record, const char *error, const char *action)
{
    struct buffer out = BUFFER(MAX_FRAGMENT);
    struct json_writer w = json_writer(&out);
    bool index = record_is(record, RECORD_kind, "index");
    char *stage = xasprintf("index:%s", record_text(record, RECORD_label));

    json_key_string(&w, "stage", index ? stage : "upload");
    add_text(&w, "error", error);
    if (action != NULL && action[0] != '\0')
        json_key_string(&w, "action", action);
    free(stage);
    return buffer_take(&out);
}

char *fragment_index_state(const char *scene_index_id, const char *error)
{
    struct buffer out = BUFFER(MAX_FRAGMENT);
    struct json_writer w = json_writer(&out);

    json_open(&w, '{');
    json_key_string(&w, "state", error == NULL ? "done" : "failed");
    if (scene_index_id != NULL)
        add_text(&w, "scene_index_id", scene_index_id);
    if (error != NULL)
        add_text(&w, "error", error);
    json_close(&w, '}');
    return buffer_take(&out);
}

char *fragment_indexes(const struct record *record, const char *index_state)
{
    struct buffer out = BUFFER(MAX_FRAGMENT);
    struct json_writer w = json_writer(&out);

    json_add_key(&w, "indexes");
    json_open(&w, '{');
    json_key_raw(&w, record_text(record, RECORD_label), slice_text(index_state));
    json_close(&w, '}');
    return buffer_take(&out);
}
