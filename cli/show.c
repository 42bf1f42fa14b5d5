/* show - the life of one task: its record, then what the stream still has of it. */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/event_line.h"
#include "base/fragment_text.h"

static const struct option options[] = {{.name = NULL}};

enum { PAGE = 1000, MAX_TEXT = 64 << 10 };

/* --- the record ------------------------------------------------------------------------------- */

static struct slice field(const struct redisReply *record, const char *name)
{
    for (size_t i = 0; i + 1 < record->elements; i += 2)
        if (slice_is(client_text(record, i), name))
            return client_text(record, i + 1);
    return slice_text(NULL);
}

static int64_t number(const struct redisReply *record, const char *name)
{
    uint64_t value = 0;

    (void)slice_to_u64(field(record, name), &value);
    return (int64_t)value;
}

static void add_row(struct buffer *out, const char *title, struct slice value)
{
    if (value.length == 0)
        return;
    buffer_add_format(out, "  %-10s  ", title);
    screen_add_safe(out, value);
    buffer_add_char(out, '\n');
}

static void add_member(struct buffer *out, const char *title, struct slice fragment,
                       const char *key)
{
    struct buffer text = BUFFER(MAX_TEXT);

    fragment_text_add(&text, fragment, key);
    add_row(out, title, buffer_slice(&text));
    buffer_clear(&text);
}

static void add_moment(struct buffer *out, const char *title, int64_t at_ms)
{
    struct buffer text = BUFFER(MAX_TEXT);

    if (at_ms != 0)
        screen_add_time(&text, at_ms);
    add_row(out, title, buffer_slice(&text));
    buffer_clear(&text);
}

static void add_state(struct buffer *out, const struct screen *screen,
                      const struct redisReply *record)
{
    struct slice state = field(record, "state"), why = field(record, "why");

    buffer_add_format(out, "  %-10s  %s", "state", screen_ink(screen, screen_ink_of_state(state)));
    screen_add_safe(out, state);
    buffer_add_text(out, screen_off(screen));
    if (slice_is(state, "awaiting") && why.length > 0)
        buffer_add_format(out, " (%.*s)", SLICE_ARGS(why));
    buffer_add_format(out, ", attempt %.*s of %.*s\n", SLICE_ARGS(field(record, "attempt")),
                      SLICE_ARGS(field(record, "max_attempts")));
}

static void add_record(struct session *session, const struct redisReply *record)
{
    struct buffer *out = &session->out;
    struct slice about = field(record, "about"), failure = field(record, "failure");

    add_row(out, "id", slice_text(session->arguments->words[0]));
    add_state(out, &session->screen, record);
    add_row(out, "kind", field(record, "kind"));
    add_member(out, "url", about, "url");
    add_row(out, "batch", field(record, "batch"));
    add_member(out, "meta", about, "meta");
    add_row(out, "video", field(record, "video_id"));
    add_row(out, "indexes", field(record, "labels"));
    add_moment(out, "taken", number(record, "submitted_at"));
    add_moment(out, "ready", number(record, "ready_at"));
    add_moment(out, "failed", number(record, "failed_at"));
    add_member(out, "stage", failure, "stage");
    add_member(out, "error", failure, "error");
    add_member(out, "action", failure, "action");
}

/* When it is its turn: the score in the set that goes with its state. */
static void add_next(struct session *session, const struct redisReply *record)
{
    bool awaiting = slice_is(field(record, "state"), "awaiting");
    const char *set = awaiting ? session->keys.awaiting : session->keys.delayed;
    int64_t now = session_now(session);

    if (!awaiting && !slice_is(field(record, "state"), "delayed"))
        return;
    struct redisReply *score =
        client_ask(session->client, "ZSCORE %s %s", set, session->arguments->words[0]);
    if (score != NULL && score->type == REDIS_REPLY_STRING && now >= 0) {
        buffer_add_format(&session->out, "  %-10s  ", "next");
        buffer_add_text(&session->out, awaiting ? "VideoDB is asked in " : "called again in ");
        screen_add_age(&session->out, (int64_t)strtod(score->str, NULL) - now);
        buffer_add_char(&session->out, '\n');
    }
    freeReplyObject(score);
}

static void add_record_json(struct json_writer *w, const struct redisReply *record)
{
    json_add_key(w, "record");
    json_open(w, '{');
    for (size_t i = 0; i + 1 < record->elements; i += 2)
        json_key_slice(w, record->element[i]->str, client_text(record, i + 1));
    json_close(w, '}');
}

/* --- the stream ------------------------------------------------------------------------------- */

typedef void (*entry_fn)(const struct event_entry *entry, void *arg);

/* The task's own, and of its indexes, ID/LABEL. */
static bool is_of(struct slice id, const char *task)
{
    size_t length = strlen(task);

    return slice_starts_with(id, task) && (id.length == length || id.data[length] == '/');
}

/* Gives the entries of a page; the id to go on behind, to be freed, NULL at the end. */
static char *give_page(const struct redisReply *page, const char *task, entry_fn fn, void *arg)
{
    struct event_entry entry = {0};

    for (size_t i = 0; i < page->elements; i++)
        if (event_entry_read(&entry, page->element[i]) && is_of(entry.id, task))
            fn(&entry, arg);
    return page->elements == PAGE
               ? xasprintf("(%.*s", SLICE_ARGS(client_text(page->element[PAGE - 1], 0)))
               : NULL;
}

/* From the time when the task was taken on. */
static bool each_entry(struct session *session, int64_t from_ms, entry_fn fn, void *arg)
{
    char *from = xasprintf("%lld", (long long)from_ms);

    while (from != NULL) {
        struct redisReply *page = client_ask(session->client, "XRANGE %s %s + COUNT %d",
                                             session->keys.events, from, PAGE);
        free(from);
        if (page == NULL)
            return false;
        from = give_page(page, session->arguments->words[0], fn, arg);
        freeReplyObject(page);
    }
    return true;
}

static void print_entry(const struct event_entry *entry, void *arg)
{
    struct session *session = arg;
    struct slice label = slice_skip(entry->id, strlen(session->arguments->words[0]));
    struct buffer line = BUFFER(MAX_TEXT);

    event_line_add(&line, &session->screen, entry, label.length > 0);
    buffer_add_slice(&session->out, buffer_slice(&line));
    buffer_clear(&line);
}

static void add_entry_json(const struct event_entry *entry, void *arg)
{
    json_add_raw(arg, entry->json);
}

/* --- both ------------------------------------------------------------------------------------- */

static bool show_text(struct session *session, const struct redisReply *record)
{
    add_record(session, record);
    add_next(session, record);
    buffer_add_char(&session->out, '\n');
    return each_entry(session, number(record, "submitted_at"), print_entry, session);
}

static bool show_json(struct session *session, const struct redisReply *record)
{
    struct json_writer w = json_writer(&session->out);

    json_open(&w, '{');
    json_key_string(&w, "id", session->arguments->words[0]);
    add_record_json(&w, record);
    json_add_key(&w, "events");
    json_open(&w, '[');
    bool done = each_entry(session, number(record, "submitted_at"), add_entry_json, &w);
    json_close(&w, ']');
    json_close(&w, '}');
    buffer_add_char(&session->out, '\n');
    return done;
}

static int missing(const struct session *session)
{
    (void)session_usage("show: there is no task %.200s: it still waits in the queue, was never"
                        " submitted, or its record has expired",
                        session->arguments->words[0]);
    return EXIT_MISSING;
}

static int run(struct session *session)
{
    struct redisReply *record = client_ask(session->client, "HGETALL %stask:%s",
                                           session->keys.prefix, session->arguments->words[0]);
    int status = EXIT_DONE;

    if (record == NULL)
        return session_failed(session, session->client);
    if (record->elements == 0)
        status = missing(session);
    else if (!(session->arguments->json ? show_json : show_text)(session, record)) {
        buffer_reset(&session->out);
        status = session_failed(session, session->client);
    }
    freeReplyObject(record);
    return status;
}

const struct command command_show = {
    .name = "show",
    .words = "ID",
    .summary = "Shows a task: its record, and what happened to it",
    .details = "The steps come from the stream, which keeps about 100000 entries of all tasks.",
    .options = options,
    .least_words = 1,
    .most_words = 1,
    .run = run,
};
