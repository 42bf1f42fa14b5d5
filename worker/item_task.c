#include "worker/item_task.h"

#include <stdlib.h>

#include "base/url.h"
#include "base/xalloc.h"
#include "queue/keys.h"
#include "worker/fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_NAME = 1024, MAX_DESCRIPTION = 8192, MAX_ATTEMPTS = 100, MAX_BATCH_SIZE = 10000000 };

#define ID_RULE "must be 1 to 128 letters, digits or _ - . :"
#define MEDIA_ID_RULE                                                                              \
    "must be 1 to 256 letters, digits, - _ . : ~, and begin with none of the signs"

/* clang-format off */
#define COMMON_FIELDS                                                                              \
    {.name = "id", .type = JSON_STRING, .valid = keys_valid_id, .rule = ID_RULE},                  \
    {.name = "type", .type = JSON_STRING},                                                         \
    {.name = "collection_id", .type = JSON_STRING, .valid = task_valid_media_id,                   \
     .rule = MEDIA_ID_RULE},                                                                       \
    {.name = "batch", .type = JSON_STRING, .valid = keys_valid_id, .rule = ID_RULE},               \
    {.name = "batch_size", .type = JSON_NUMBER, .min = 1, .max = MAX_BATCH_SIZE},                  \
    {.name = "meta", .max = ITEM_MAX_META},                                                        \
    {.name = "max_attempts", .type = JSON_NUMBER, .min = 1, .max = MAX_ATTEMPTS}
/* clang-format on */

static const struct field upload_fields[] = {
    COMMON_FIELDS,
    {.name = "url", .type = JSON_STRING, .required = true},
    {.name = "name", .type = JSON_STRING, .min = 1, .max = MAX_NAME},
    {.name = "description", .type = JSON_STRING, .max = MAX_DESCRIPTION},
    {.name = "media_type", .type = JSON_STRING, .words = "video, audio, image"},
    {.name = "index", .type = JSON_ARRAY, .max = ITEM_MAX_INDEXES},
};

static const struct field index_fields[] = {
    COMMON_FIELDS,
    {.name = "video_id",
     .type = JSON_STRING,
     .required = true,
     .valid = task_valid_media_id,
     .rule = MEDIA_ID_RULE},
    {.name = "index", .required = true},
};

static const struct fields upload_table = {upload_fields, COUNT(upload_fields), false};
static const struct fields index_table = {index_fields, COUNT(index_fields), false};

/* --- what both kinds have --------------------------------------------------------------------- */

static char *copy_raw(const struct json *doc, int node)
{
    return node == JSON_NONE ? NULL : slice_copy(json_raw(doc, node));
}

/* The fields are checked already. */
static bool read_common(struct task *task, const struct json *doc,
                        const struct item_defaults *defaults, struct error *error)
{
    task->id = fields_text(doc, JSON_ROOT, "id");
    task->collection_id = fields_text(doc, JSON_ROOT, "collection_id");
    if (task->collection_id == NULL)
        task->collection_id = xstrdup(TASK_DEFAULT_COLLECTION);
    task->batch = fields_text(doc, JSON_ROOT, "batch");
    task->meta = copy_raw(doc, json_get(doc, JSON_ROOT, "meta"));
    task->max_attempts = defaults->max_attempts;
    (void)json_int(doc, json_get(doc, JSON_ROOT, "max_attempts"), &task->max_attempts);
    (void)json_int(doc, json_get(doc, JSON_ROOT, "batch_size"), &task->batch_size);
    if (task->batch_size != 0 && task->batch == NULL)
        return error_set(error, "batch_size: needs a batch");
    return true;
}

/* --- indexes ---------------------------------------------------------------------------------- */

static struct task_index *new_index(struct task *task)
{
    task->indexes = xrealloc(task->indexes, task->index_count + 1, sizeof(*task->indexes));
    return &task->indexes[task->index_count];
}

/* Counts the index that stands at the end of the list in, with a label of its own. */
static void keep_index(struct task *task)
{
    struct task_index *added = &task->indexes[task->index_count];
    size_t same = 1;

    for (size_t i = 0; i < task->index_count; i++)
        same += slice_is(slice_text(task->indexes[i].type), added->type);
    task->index_count++;
    if (same == 1)
        return;
    free(added->label);
    added->label = xasprintf("%s_%zu", added->type, same);
}

bool item_task_add_defaults(struct task *task, const char *list, struct error *error)
{
    struct slice rest = slice_trim(slice_text(list));

    while (rest.length > 0) {
        size_t comma = slice_find(rest, ',');
        struct slice type = slice_trim(slice_head(rest, comma));
        if (!task_index_known(type) || comma + 1 == rest.length)
            return error_set(error, "must be a comma list of spoken_words and scenes");
        if (task->index_count == ITEM_MAX_INDEXES)
            return error_set(error, "at most %d indexes are allowed", ITEM_MAX_INDEXES);
        task_index_init(new_index(task), type);
        keep_index(task);
        rest = slice_skip(rest, comma + 1);
    }
    return true;
}

static bool read_list(struct task *task, const struct json *doc, int list, struct error *error)
{
    struct error fault;

    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        if (!task_index_parse(new_index(task), doc, n, &fault))
            return error_set(error, "index[%zu]%s", task->index_count, fault.text);
        keep_index(task);
    }
    return true;
}

static bool read_indexes(struct task *task, const struct json *doc, const char *default_index,
                         struct error *error)
{
    int list = json_get(doc, JSON_ROOT, "index");
    bool video = task->media_type == NULL || slice_is(slice_text(task->media_type), "video");

    if (!video && json_length(doc, list) > 0)
        return error_set(error, "index: only videos can be indexed");
    if (list != JSON_NONE)
        return read_list(task, doc, list, error);
    if (!video || item_task_add_defaults(task, default_index, error))
        return true;
    return error_prefix(error, "the default index");
}

/* --- the kinds -------------------------------------------------------------------------------- */

bool item_task_read_upload(struct item *item, const struct json *doc,
                           const struct item_defaults *defaults, struct error *error)
{
    struct task *task = &item->task;
    struct url url;

    task->kind = TASK_UPLOAD;
    if (!fields_check(doc, JSON_ROOT, &upload_table, error) ||
        !read_common(task, doc, defaults, error))
        return false;
    task->url = fields_text(doc, JSON_ROOT, "url");
    task->name = fields_text(doc, JSON_ROOT, "name");
    task->description = fields_text(doc, JSON_ROOT, "description");
    task->media_type = fields_text(doc, JSON_ROOT, "media_type");
    if (!url_parse(slice_text(task->url), ITEM_MAX_URL, &url, error))
        return error_prefix(error, "url");
    return read_indexes(task, doc, defaults->default_index, error);
}

bool item_task_read_index(struct item *item, const struct json *doc,
                          const struct item_defaults *defaults, struct error *error)
{
    struct task *task = &item->task;
    struct error fault;

    task->kind = TASK_INDEX;
    if (!fields_check(doc, JSON_ROOT, &index_table, error) ||
        !read_common(task, doc, defaults, error))
        return false;
    task->video_id = fields_text(doc, JSON_ROOT, "video_id");
    if (!task_index_parse(new_index(task), doc, json_get(doc, JSON_ROOT, "index"), &fault))
        return error_set(error, "index%s", fault.text);
    keep_index(task);
    return true;
}

/* --- what is left of a mistake ---------------------------------------------------------------- */

static char *valid_id(const struct json *doc, const char *key)
{
    char *id = fields_text(doc, JSON_ROOT, key);

    if (id != NULL && keys_valid_id(slice_text(id)))
        return id;
    free(id);
    return NULL;
}

void item_task_rescue(struct item *item, const struct json *doc)
{
    int meta = json_get(doc, JSON_ROOT, "meta");
    int64_t size;

    item->id = valid_id(doc, "id");
    item->batch = valid_id(doc, "batch");
    if (item->batch != NULL && json_int(doc, json_get(doc, JSON_ROOT, "batch_size"), &size) &&
        size >= 1 && size <= MAX_BATCH_SIZE)
        item->batch_size = size;
    if (json_raw(doc, meta).length <= ITEM_MAX_META)
        item->meta = copy_raw(doc, meta);
}
