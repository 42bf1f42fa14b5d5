#include "dashboard/dashboard_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "dashboard/bundle.h"

/* Pages and their entries; bytes of one field, and of all that is told. */
enum {
    PAGES_MAX = 200,
    FIELD_MAX = 96 * 1024,
    JSON_MAX = 4 * 1024 * 1024,
    EVENTS_MAX = 512 * 1024
};
#define PAGE_TEXT "100"
enum { PAGE = 100 };

struct reading {
    struct dashboard_task_request request;
    struct buffer json;
    struct json_writer w;
    unsigned pages;
};

static void ask_page(struct reading *reading, const char *from);

/* --- end -------------------------------------------------------------------------------------- */

static void finish(struct reading *reading, const struct bundle *bundle)
{
    struct dashboard_task task = {.json = buffer_slice(&reading->json),
                                  .error = bundle_error(bundle),
                                  .lost = bundle_lost(bundle)};

    reading->request.fn(&task, reading->request.arg);
    buffer_clear(&reading->json);
    free(reading);
}

static void finish_events(struct reading *reading, const struct bundle *bundle, bool more)
{
    json_close(&reading->w, ']');
    json_key_bool(&reading->w, "more_events", more);
    json_close(&reading->w, '}');
    finish(reading, bundle);
}

/* --- the stream ------------------------------------------------------------------------------- */

/* The task's own, and of its indexes, ID/LABEL. */
static bool is_of(struct slice id, const char *task)
{
    size_t length = strlen(task);

    return slice_starts_with(id, task) && (id.length == length || id.data[length] == '/');
}

/* Entries have the fields event, id, json; what else somebody has added there is left out. */
static void add_entry(struct reading *reading, const struct answer *fields)
{
    static const struct json_limits limits = {EVENTS_MAX, 64};
    struct slice id = slice_text(""), json = slice_text("");

    for (size_t i = 0; i + 1 < fields->count; i += 2) {
        if (slice_is(answer_at(fields, i)->text, "id"))
            id = answer_at(fields, i + 1)->text;
        if (slice_is(answer_at(fields, i)->text, "json"))
            json = answer_at(fields, i + 1)->text;
    }
    if (is_of(id, reading->request.id) && json_check(json, &limits, NULL, NULL))
        json_add_raw(&reading->w, json);
}

static void on_page(struct bundle *bundle, void *arg)
{
    struct reading *reading = arg;
    size_t count = 0;

    if (bundle_lost(bundle) || bundle_error(bundle) != NULL) {
        finish(reading, bundle);
        bundle_free(bundle);
        return;
    }
    const struct answer *page = bundle_answer(bundle, 0);
    for (; count < page->count && reading->json.length < EVENTS_MAX; count++)
        add_entry(reading, answer_at(answer_at(page, count), 1));
    bool more = count < page->count || (count == PAGE && reading->pages == PAGES_MAX);
    if (more || count < PAGE) {
        finish_events(reading, bundle, more);
    } else {
        char *from = xasprintf("(%s", answer_at(answer_at(page, count - 1), 0)->text.data);
        ask_page(reading, from);
        free(from);
    }
    bundle_free(bundle);
}

static void ask_page(struct reading *reading, const char *from)
{
    struct bundle *bundle = bundle_new(reading->request.redis);

    reading->pages++;
    bundle_add(bundle, "XRANGE", reading->request.keys->events, from, "+", "COUNT", PAGE_TEXT,
               NULL);
    bundle_await(bundle, on_page, reading);
}

/* --- the record ------------------------------------------------------------------------------- */

static struct slice submitted_at(const struct answer *record)
{
    for (size_t i = 0; i + 1 < record->count; i += 2)
        if (slice_is(answer_at(record, i)->text, "submitted_at"))
            return answer_at(record, i + 1)->text;
    return slice_text("-");
}

static void begin_json(struct reading *reading, const struct answer *record)
{
    struct json_writer *w = &reading->w;

    json_open(w, '{');
    json_key_string(w, "id", reading->request.id);
    json_add_key(w, "record");
    json_open(w, '{');
    for (size_t i = 0; i + 1 < record->count && reading->json.length < EVENTS_MAX / 2; i += 2) {
        struct slice name = utf8_head(answer_at(record, i)->text, FIELD_MAX);
        char *key = slice_copy(name);
        json_key_slice(w, key, utf8_head(answer_at(record, i + 1)->text, FIELD_MAX));
        free(key);
    }
    json_close(w, '}');
    json_add_key(w, "events");
    json_open(w, '[');
}

static void on_record(struct bundle *bundle, void *arg)
{
    struct reading *reading = arg;

    if (bundle_lost(bundle) || bundle_error(bundle) != NULL ||
        bundle_answer(bundle, 0)->count == 0) {
        finish(reading, bundle);
    } else {
        const struct answer *record = bundle_answer(bundle, 0);
        begin_json(reading, record);
        ask_page(reading, submitted_at(record).data);
    }
    bundle_free(bundle);
}

void dashboard_task_read(const struct dashboard_task_request *request)
{
    struct reading *reading = xcalloc(1, sizeof(*reading));
    struct bundle *bundle = bundle_new(request->redis);
    char *key = keys_of(request->keys, "task", slice_text(request->id));

    reading->request = *request;
    buffer_init(&reading->json, JSON_MAX);
    reading->w = json_writer(&reading->json);
    bundle_add(bundle, "HGETALL", key, NULL);
    bundle_await(bundle, on_record, reading);
    free(key);
}
