#include "worker/videodb.h"

#include <assert.h>

#include "base/json_write.h"
#include "base/url.h"

enum { MAX_PATH = 8192, MAX_BODY = 4 << 20 };

void videodb_request_init(struct videodb_request *request)
{
    request->method = "";
    buffer_init(&request->path, MAX_PATH);
    buffer_init(&request->body, MAX_BODY);
}

void videodb_request_clear(struct videodb_request *request)
{
    buffer_clear(&request->path);
    buffer_clear(&request->body);
}

/* Sets the method, and begins the path with `before` and the encoded `id`. */
static void start(struct videodb_request *request, const char *method, const char *before,
                  const char *id)
{
    request->method = method;
    buffer_add_text(&request->path, before);
    url_add_encoded(&request->path, slice_text(id));
}

static void add_collection(struct videodb_request *request, const char *collection_id)
{
    buffer_add_text(&request->path, "?collection_id=");
    url_add_encoded(&request->path, slice_text(collection_id));
}

/* --- calls ------------------------------------------------------------------------------------ */

static void add_given(struct json_writer *w, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_key_string(w, key, value);
}

static void call_upload(struct videodb_request *request, const struct task *task,
                        const char *default_name, const char *callback_url)
{
    struct json_writer w = json_writer(&request->body);

    start(request, "POST", "/collection/", task->collection_id);
    buffer_add_text(&request->path, "/upload");
    json_open(&w, '{');
    json_key_string(&w, "url", task->url);
    add_given(&w, "name", task->name == NULL ? default_name : task->name);
    add_given(&w, "description", task->description);
    add_given(&w, "media_type", task->media_type);
    add_given(&w, "callback_url", callback_url);
    json_close(&w, '}');
}

/* The members of the raw object of options; true when there is a "name" among them. */
static bool add_options(struct json_writer *w, const char *options)
{
    const struct json_limits limits = {MAX_BODY, 64};
    struct slice raw = slice_text(options);
    struct json doc;

    bool good = json_parse(&doc, raw, &limits, NULL);
    assert(good && json_type(&doc, JSON_ROOT) == JSON_OBJECT);
    bool named = json_get(&doc, JSON_ROOT, "name") != JSON_NONE;
    if (json_length(&doc, JSON_ROOT) > 0) {
        struct slice object = json_raw(&doc, JSON_ROOT);
        json_add_raw(w, slice_trim(slice_make(object.data + 1, object.length - 2)));
    }
    json_clear(&doc);
    return named;
}

static void call_spoken(struct videodb_request *request, const struct task *task,
                        const char *default_name, const char *callback_url)
{
    struct json_writer w = json_writer(&request->body);

    (void)default_name;
    start(request, "POST", "/video/", task->video_id);
    buffer_add_text(&request->path, "/index");
    json_open(&w, '{');
    json_key_string(&w, "index_type", "spoken_word");
    (void)add_options(&w, task->indexes[0].options);
    add_given(&w, "callback_url", callback_url);
    json_close(&w, '}');
}

static void call_scenes(struct videodb_request *request, const struct task *task,
                        const char *default_name, const char *callback_url)
{
    struct json_writer w = json_writer(&request->body);

    start(request, "POST", "/video/", task->video_id);
    buffer_add_text(&request->path, "/index/scene");
    json_open(&w, '{');
    if (!add_options(&w, task->indexes[0].options))
        add_given(&w, "name", default_name);
    add_given(&w, "callback_url", callback_url);
    json_close(&w, '}');
}

void videodb_call(struct videodb_request *request, const struct task *task,
                  const char *default_name, const char *callback_url)
{
    if (task->kind == TASK_UPLOAD) {
        call_upload(request, task, default_name, callback_url);
        return;
    }
    assert(task->index_count == 1);
    if (slice_is(slice_text(task->indexes[0].type), "scenes"))
        call_scenes(request, task, default_name, callback_url);
    else
        call_spoken(request, task, default_name, callback_url);
}

/* --- questions -------------------------------------------------------------------------------- */

void videodb_list_media(struct videodb_request *request, const char *collection_id,
                        const struct videodb_walk *walk)
{
    start(request, "GET", "/", videodb_medium_words(walk->medium)->type);
    add_collection(request, collection_id);
    buffer_add_format(&request->path, "&count=%d", VIDEODB_WALK_PAGE);
    if (walk->page > 0)
        buffer_add_format(&request->path, "&page_index=%u", walk->page);
}

void videodb_spoken_status(struct videodb_request *request, const char *video_id)
{
    start(request, "GET", "/video/", video_id);
    buffer_add_text(&request->path, "/index?index_type=spoken_word");
}

void videodb_list_scenes(struct videodb_request *request, const char *video_id,
                         const char *collection_id)
{
    start(request, "GET", "/video/", video_id);
    buffer_add_text(&request->path, "/index/scene");
    add_collection(request, collection_id);
}

/* Begins the path of one medium of a known kind. */
static void start_medium(struct videodb_request *request, const char *method, const char *media_id)
{
    enum videodb_medium medium = videodb_medium_of_id(media_id);

    assert(medium != VIDEODB_MEDIA);
    start(request, method, "/", videodb_medium_words(medium)->type);
    buffer_add_char(&request->path, '/');
    url_add_encoded(&request->path, slice_text(media_id));
}

void videodb_get_medium(struct videodb_request *request, const char *media_id,
                        const char *collection_id)
{
    start_medium(request, "GET", media_id);
    add_collection(request, collection_id);
}

void videodb_delete_medium(struct videodb_request *request, const char *media_id,
                           const char *collection_id)
{
    start_medium(request, "DELETE", media_id);
    if (collection_id[0] != '\0')
        add_collection(request, collection_id);
}
