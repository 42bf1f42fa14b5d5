#include "cli/dead_list.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "base/fragment_text.h"
#include "cli/table.h"

enum { ASKED_AT_ONCE = 500, MAX_TEXT = 64 << 10, SHOWN_ERRORS = 5 };

/* --- reading ---------------------------------------------------------------------------------- */

static char *member(struct slice fragment, const char *key)
{
    struct buffer text = BUFFER(MAX_TEXT);

    fragment_text_add(&text, fragment, key);
    char *copy = slice_copy(buffer_slice(&text));
    buffer_clear(&text);
    return copy;
}

static void free_dead(struct dead *dead)
{
    free(dead->stage);
    free(dead->error);
    free(dead->action);
    free(dead->url);
}

/* `record` is state, failure, about. */
static void keep(struct dead_list *list, const char *id, const struct redisReply *record,
                 const char *text)
{
    struct slice failure = client_text(record, 1);
    struct dead dead = {.stage = member(failure, "stage"),
                        .error = member(failure, "error"),
                        .action = member(failure, "action"),
                        .url = member(client_text(record, 2), "url")};
    uint64_t at = 0;

    (void)slice_to_u64(client_text(record, 3), &at);
    dead.failed_at_ms = (int64_t)at;
    if (!slice_is(client_text(record, 0), "failed") ||
        (text != NULL && !slice_contains_nocase(slice_text(dead.error), text))) {
        free_dead(&dead);
        return;
    }
    list->ids[list->count] = xstrdup(id);
    list->dead[list->count++] = dead;
}

/* The ids in the set, and which of their tasks are wanted. */
struct reading {
    struct session *session;
    const struct redisReply *ids;
    const char *text;
};

static bool read_part(struct dead_list *list, const struct reading *reading, size_t from)
{
    struct session *session = reading->session;
    const struct redisReply *ids = reading->ids;
    size_t end = ids->elements - from < ASKED_AT_ONCE ? ids->elements : from + ASKED_AT_ONCE;

    for (size_t i = from; i < end; i++)
        client_queue(session->client, "HMGET %stask:%s state failure about failed_at",
                     session->keys.prefix, ids->element[i]->str);
    for (size_t i = from; i < end; i++) {
        struct redisReply *record = client_next(session->client);
        if (record == NULL)
            return false;
        keep(list, ids->element[i]->str, record, reading->text);
        freeReplyObject(record);
    }
    return true;
}

/* `last` is the place of the last id to be looked at; -1: all. */
static bool read_to(struct dead_list *list, struct session *session, int last, const char *text)
{
    struct redisReply *ids =
        client_ask(session->client, "ZREVRANGE %s 0 %d", session->keys.dead, last);
    bool done = ids != NULL;

    *list = (struct dead_list){0};
    if (!done)
        return false;
    list->ids = xcalloc(ids->elements, sizeof(*list->ids));
    list->dead = xcalloc(ids->elements, sizeof(*list->dead));
    for (size_t i = 0; done && i < ids->elements; i += ASKED_AT_ONCE)
        done = read_part(list, &(struct reading){session, ids, text}, i);
    freeReplyObject(ids);
    if (!done)
        dead_list_clear(list);
    return done;
}

bool dead_list_read(struct dead_list *list, struct session *session, const char *text)
{
    return read_to(list, session, -1, text);
}

bool dead_list_read_last(struct dead_list *list, struct session *session, unsigned count)
{
    return read_to(list, session, (int)count - 1, NULL);
}

void dead_list_clear(struct dead_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->ids[i]);
        free_dead(&list->dead[i]);
    }
    free(list->ids);
    free(list->dead);
    *list = (struct dead_list){0};
}

const char *const *dead_list_ids(const struct dead_list *list)
{
    return (const char *const *)list->ids;
}

/* --- printing --------------------------------------------------------------------------------- */

static int by_error(const void *a, const void *b)
{
    return strcmp((*(const struct dead *const *)a)->error, (*(const struct dead *const *)b)->error);
}

struct error_count {
    const char *error;
    size_t count;
};

static int by_count(const void *a, const void *b)
{
    size_t x = ((const struct error_count *)a)->count, y = ((const struct error_count *)b)->count;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* How often each error is there, the most frequent first; the caller frees it. */
static struct error_count *count_errors(const struct dead_list *list, size_t *count)
{
    const struct dead **sorted = xcalloc(list->count, sizeof(const struct dead *));
    struct error_count *counts = xcalloc(list->count, sizeof(*counts));

    *count = 0;
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->dead[i];
    qsort(sorted, list->count, sizeof(const struct dead *), by_error);
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || strcmp(sorted[i]->error, sorted[i - 1]->error) != 0)
            counts[(*count)++].error = sorted[i]->error;
        counts[*count - 1].count++;
    }
    qsort(counts, *count, sizeof(*counts), by_count);
    free(sorted);
    return counts;
}

static void add_errors(struct buffer *out, const struct screen *screen,
                       const struct dead_list *list)
{
    static const char *const headers[] = {">tasks", "error", NULL};
    struct table *table = table_new(headers);
    size_t count;
    struct error_count *counts = count_errors(list, &count);

    for (size_t i = 0; i < count && i < SHOWN_ERRORS; i++) {
        table_add_number(table, (int64_t)counts[i].count);
        table_add_text(table, counts[i].error);
    }
    table_print(table, screen, out);
    table_free(table);
    free(counts);
}

void dead_list_add_text(struct buffer *out, const struct screen *screen,
                        const struct dead_list *list, size_t count)
{
    static const char *const headers[] = {"failed at", "id", "stage", "error", "action", NULL};
    struct table *table = table_new(headers);

    for (size_t i = 0; i < list->count && i < count; i++) {
        table_add_time(table, list->dead[i].failed_at_ms);
        table_add_text(table, list->ids[i]);
        table_add_text(table, list->dead[i].stage);
        table_add_text(table, list->dead[i].error);
        table_paint(table, INK_RED);
        table_add_text(table, list->dead[i].action);
    }
    table_print(table, screen, out);
    table_free(table);
    if (list->count == 0)
        buffer_add_text(out, "No task has failed\n");
    if (list->count > count)
        buffer_add_format(out, "  ... and %zu more\n", list->count - count);
    if (list->count > 1) {
        buffer_add_char(out, '\n');
        add_errors(out, screen, list);
    }
}

void dead_list_add_json(struct buffer *out, const struct dead_list *list, size_t count)
{
    struct json_writer w = json_writer(out);

    for (size_t i = 0; i < list->count && i < count; i++) {
        const struct dead *dead = &list->dead[i];
        w.comma = false;
        json_open(&w, '{');
        json_key_string(&w, "id", list->ids[i]);
        json_key_int(&w, "failed_at", dead->failed_at_ms);
        json_key_string(&w, "stage", dead->stage);
        json_key_string(&w, "error", dead->error);
        json_key_string(&w, "action", dead->action);
        json_key_string(&w, "url", dead->url);
        json_close(&w, '}');
        buffer_add_char(out, '\n');
    }
}
