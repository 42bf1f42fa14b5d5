#include "worker/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What an item may be, with room for what escapes may add in writing it anew. */
enum { MAX_REQUEST = 4 << 20, MAX_DEPTH = 64, MAX_MEDIA_ID = 256 };

static const char *const kind_names[] = {[TASK_UPLOAD] = "upload", [TASK_INDEX] = "index"};

/* The strings of a task, in the order in which they are written. */
static const struct {
    const char *key;
    size_t offset;
} texts[] = {
    {"id", offsetof(struct task, id)},
    {"url", offsetof(struct task, url)},
    {"name", offsetof(struct task, name)},
    {"description", offsetof(struct task, description)},
    {"media_type", offsetof(struct task, media_type)},
    {"collection_id", offsetof(struct task, collection_id)},
    {"video_id", offsetof(struct task, video_id)},
    {"batch", offsetof(struct task, batch)},
};

static char **text_of(struct task *task, size_t i)
{
    return (char **)(void *)((char *)task + texts[i].offset);
}

const char *task_kind_name(enum task_kind kind)
{
    return kind_names[kind];
}

/* They stand in paths and among others in one field: "..", spaces and quotes are none. */
bool task_valid_media_id(struct slice id)
{
    if (id.length == 0 || id.length > MAX_MEDIA_ID || !slice_is_alnum(id.data[0]))
        return false;
    for (size_t i = 1; i < id.length; i++) {
        char c = id.data[i];
        if (!slice_is_alnum(c) && (c == '\0' || strchr("-_.:~", c) == NULL))
            return false;
    }
    return true;
}

void task_clear(struct task *task)
{
    for (size_t i = 0; i < COUNT(texts); i++)
        free(*text_of(task, i));
    for (size_t i = 0; i < task->index_count; i++)
        task_index_clear(&task->indexes[i]);
    free(task->indexes);
    free(task->meta);
    *task = (struct task){.kind = TASK_UPLOAD};
}

/* --- writing ---------------------------------------------------------------------------------- */

static void add_texts(struct json_writer *w, const struct task *task)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = *text_of((struct task *)(uintptr_t)task, i);
        bool implied = text == NULL ||
                       (text == task->collection_id && strcmp(text, TASK_DEFAULT_COLLECTION) == 0);
        if (!implied)
            json_key_string(w, texts[i].key, text);
    }
}

/* What is as usual is left out: the record is kept for long, and moved about. */
void task_add_request(struct buffer *out, const struct task *task)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "kind", task_kind_name(task->kind));
    add_texts(&w, task);
    json_add_key(&w, "indexes");
    json_open(&w, '[');
    for (size_t i = 0; i < task->index_count; i++)
        task_index_write(&w, &task->indexes[i]);
    json_close(&w, ']');
    if (task->batch_size != 0)
        json_key_int(&w, "batch_size", task->batch_size);
    if (task->meta != NULL)
        json_key_raw(&w, "meta", slice_text(task->meta));
    json_key_int(&w, "max_attempts", task->max_attempts);
    json_close(&w, '}');
}

void task_add_child_request(struct buffer *out, const struct task *upload, size_t n,
                            const char *video_id)
{
    struct task_index *index = &upload->indexes[n];
    char *id = upload->id == NULL ? NULL : xasprintf("%s/%s", upload->id, index->label);
    char *video = xstrdup(video_id);
    struct task child = {
        .kind = TASK_INDEX,
        .id = id,
        .collection_id = upload->collection_id,
        .video_id = video,
        .indexes = index,
        .index_count = 1,
        .max_attempts = upload->max_attempts,
    };

    task_add_request(out, &child);
    free(id);
    free(video);
}

void task_add_about(struct buffer *out, const struct task *task)
{
    struct json_writer w = json_writer(out);

    if (task->kind == TASK_UPLOAD && task->url != NULL)
        json_key_string(&w, "url", task->url);
    if (task->kind == TASK_INDEX && task->video_id != NULL)
        json_key_string(&w, "video_id", task->video_id);
    if (task->batch != NULL)
        json_key_string(&w, "batch", task->batch);
    if (task->meta != NULL)
        json_key_raw(&w, "meta", slice_text(task->meta));
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_indexes(struct task *task, const struct json *doc, struct error *error)
{
    int list = json_get(doc, JSON_ROOT, "indexes");

    task->indexes = xcalloc(json_length(doc, list), sizeof(*task->indexes));
    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        if (!task_index_read(&task->indexes[task->index_count], doc, n, error))
            return false;
        task->index_count++;
    }
    return true;
}

/* What every caller may rely on. */
static bool check_whole(const struct task *task, struct error *error)
{
    if (task->kind == TASK_UPLOAD && task->url == NULL)
        return error_set(error, "url is missing");
    if (task->kind == TASK_INDEX && task->video_id == NULL)
        return error_set(error, "video_id is missing");
    if (task->kind == TASK_INDEX && task->index_count != 1)
        return error_set(error, "an index task has one index");
    return true;
}

static bool read_document(struct task *task, const struct json *doc, struct error *error)
{
    int kind = json_get(doc, JSON_ROOT, "kind"), meta = json_get(doc, JSON_ROOT, "meta");

    if (json_string_is(doc, kind, kind_names[TASK_INDEX]))
        task->kind = TASK_INDEX;
    else if (!json_string_is(doc, kind, kind_names[TASK_UPLOAD]))
        return error_set(error, "kind is missing");
    for (size_t i = 0; i < COUNT(texts); i++)
        *text_of(task, i) = fields_text(doc, JSON_ROOT, texts[i].key);
    if (task->collection_id == NULL)
        task->collection_id = xstrdup(TASK_DEFAULT_COLLECTION);
    if (meta != JSON_NONE)
        task->meta = slice_copy(json_raw(doc, meta));
    (void)json_int(doc, json_get(doc, JSON_ROOT, "batch_size"), &task->batch_size);
    if (!json_int(doc, json_get(doc, JSON_ROOT, "max_attempts"), &task->max_attempts))
        return error_set(error, "max_attempts is missing");
    return read_indexes(task, doc, error) && check_whole(task, error);
}

bool task_parse_request(struct task *task, struct slice request, struct error *error)
{
    const struct json_limits limits = {MAX_REQUEST, MAX_DEPTH};
    struct json doc;

    *task = (struct task){.kind = TASK_UPLOAD};
    if (!json_parse(&doc, request, &limits, error))
        return error_prefix(error, "the request of the record");
    bool good = read_document(task, &doc, error);
    json_clear(&doc);
    if (good)
        return true;
    task_clear(task);
    return error_prefix(error, "the request of the record");
}
