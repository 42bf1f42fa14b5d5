#include "worker/item_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "queue/keys.h"
#include "worker/fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A member becomes an item of its own, with the names put in front; it must still fit then. */
enum { MAX_MEMBER = ITEM_MAX_BYTES - 1024 };

static const struct field batch_fields[] = {
    {.name = "type", .type = JSON_STRING},
    {.name = "id",
     .type = JSON_STRING,
     .valid = keys_valid_id,
     .rule = "must be 1 to 128 letters, digits or _ - . :"},
    {.name = "tasks", .type = JSON_ARRAY, .required = true, .max = ITEM_MAX_BATCH},
};

static const struct fields batch_table = {batch_fields, COUNT(batch_fields), false};

char *item_batch_member_id(const char *batch, size_t n)
{
    return xasprintf("%s.%zu", batch, n);
}

/* --- one member ------------------------------------------------------------------------------- */

static bool check_member(const struct json *doc, int node, struct error *error)
{
    static const char *const taken[] = {"batch", "batch_size"};
    enum json_type type = json_type(doc, node);

    if (type != JSON_OBJECT)
        return error_set(error, ": must be an object, is %s", json_type_name(type));
    if (json_raw(doc, node).length > MAX_MEMBER)
        return error_set(error, ": is %zu bytes: at most %d are allowed",
                         json_raw(doc, node).length, MAX_MEMBER);
    for (size_t i = 0; i < COUNT(taken); i++)
        if (json_get(doc, node, taken[i]) != JSON_NONE)
            return error_set(error, ".%s: belongs to the batch", taken[i]);
    if (json_string_is(doc, json_get(doc, node, "type"), "batch"))
        return error_set(error, ".type: a batch cannot stand in a batch");
    return true;
}

static bool read_members(struct item *item, const struct json *doc, int list, struct error *error)
{
    struct error fault;

    item->tasks = xcalloc(json_length(doc, list), sizeof(*item->tasks));
    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        if (!check_member(doc, n, &fault))
            return error_set(error, "tasks[%zu]%s", item->task_count, fault.text);
        item->tasks[item->task_count] = json_raw(doc, n);
        item->task_count++;
    }
    return true;
}

/* --- their ids -------------------------------------------------------------------------------- */

struct member_id {
    char *text; /* "" where it is unknown yet, or not a valid one */
    size_t n;   /* place in the list, from 0 */
};

static int compare_ids(const void *left, const void *right)
{
    const struct member_id *a = left, *b = right;
    int order = strcmp(a->text, b->text);

    if (order != 0)
        return order;
    return a->n < b->n ? -1 : a->n > b->n;
}

/* The id that member `n` will have. */
static char *id_of(const struct item *item, const struct json *doc, int node, size_t n)
{
    if (json_get(doc, node, "id") != JSON_NONE) {
        char *id = fields_text(doc, node, "id");
        return id == NULL ? xstrdup("") : id;
    }
    return item->id == NULL ? xstrdup("") : item_batch_member_id(item->id, n + 1);
}

static bool check_sorted(const struct member_id *ids, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!keys_valid_id(slice_text(ids[i].text)))
            continue;
        if (i > 0 && strcmp(ids[i - 1].text, ids[i].text) == 0)
            return error_set(error, "tasks[%zu].id: \"%s\" is given twice", ids[i].n, ids[i].text);
    }
    return true;
}

static bool check_ids(const struct item *item, const struct json *doc, int list,
                      struct error *error)
{
    struct member_id *ids = xcalloc(item->task_count, sizeof(*ids));
    size_t count = 0;

    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        ids[count] = (struct member_id){id_of(item, doc, n, count), count};
        count++;
    }
    qsort(ids, count, sizeof(*ids), compare_ids);
    bool unique = check_sorted(ids, count, error);
    for (size_t i = 0; i < count; i++)
        free(ids[i].text);
    free(ids);
    return unique;
}

/* With the number of a member behind it the name must still be an id. */
static bool check_name(const struct item *item, struct error *error)
{
    if (item->id == NULL)
        return true;
    char *longest = item_batch_member_id(item->id, item->task_count);
    size_t length = strlen(longest);
    free(longest);
    if (length <= KEYS_MAX_ID)
        return true;
    return error_set(error, "id: too long: with the number of a task behind it, it is %zu bytes",
                     length);
}

bool item_batch_read(struct item *item, const struct json *doc,
                     const struct item_defaults *defaults, struct error *error)
{
    int list = json_get(doc, JSON_ROOT, "tasks");

    (void)defaults;
    if (!fields_check(doc, JSON_ROOT, &batch_table, error))
        return false;
    item->id = fields_text(doc, JSON_ROOT, "id");
    return read_members(item, doc, list, error) && check_name(item, error) &&
           check_ids(item, doc, list, error);
}
