#include "journal.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/json_write.h"
#include "base/url.h"

#define MAX_LINE ((size_t)4 << 20)
#define MAX_BODY ((size_t)64 << 10)
#define MAX_URL  ((size_t)64 << 10)

void journal_init(struct journal *journal, size_t maximum)
{
    *journal = (struct journal){.lines = BUFFER(maximum)};
}

void journal_clear(struct journal *journal)
{
    buffer_clear(&journal->lines);
}

void journal_reset(struct journal *journal)
{
    size_t maximum = journal->lines.maximum;
    buffer_clear(&journal->lines);
    journal_init(journal, maximum);
}

/* Adds the line as a whole or not at all, so that the log can be read to its end. */
static void add_line(struct journal *journal, struct buffer *line)
{
    buffer_add_char(line, '\n');
    if (line->failed || journal->lines.length + line->length > journal->lines.maximum) {
        journal->dropped++;
    } else {
        buffer_add_slice(&journal->lines, buffer_slice(line));
    }
    buffer_clear(line);
}

void journal_add_redacted(struct buffer *out, struct slice text)
{
    static const char MARK[] = "sig=";
    while (text.length > 0) {
        const char *found = memmem(text.data, text.length, MARK, strlen(MARK));
        size_t kept = found == NULL ? text.length : (size_t)(found - text.data) + strlen(MARK);
        buffer_add_slice(out, slice_head(text, kept));
        text = slice_skip(text, kept);
        while (found != NULL && text.length > 0 && isalnum((unsigned char)text.data[0])) {
            text = slice_skip(text, 1);
        }
    }
}

/* Path and query of the callback URL. */
static void add_callback(struct json_writer *w, const char *callback_url)
{
    struct url url;
    struct slice text = slice_text(callback_url);
    struct buffer redacted = BUFFER(MAX_URL);
    if (callback_url == NULL) {
        json_key_string(w, "callback_url", NULL);
        return;
    }
    journal_add_redacted(&redacted, url_parse(text, MAX_URL, &url, NULL) ? url.target : text);
    json_key_slice(w, "callback_url", buffer_slice(&redacted));
    buffer_clear(&redacted);
}

static void add_redacted_key(struct json_writer *w, const char *key, struct slice text, bool raw)
{
    struct buffer redacted = BUFFER(MAX_LINE);
    journal_add_redacted(&redacted, text);
    if (raw && text.length > 0) {
        json_key_raw(w, key, buffer_slice(&redacted));
    } else if (text.length > 0) {
        json_key_slice(w, key, buffer_slice(&redacted));
    } else {
        json_key_string(w, key, NULL);
    }
    buffer_clear(&redacted);
}

/* A body of JSON may be spread over lines; here a line is an entry. Line ends stand only between
 * the tokens of JSON, so spaces do as well. */
static void join_lines(struct buffer *line)
{
    for (size_t i = 0; i < line->length; i++) {
        if (line->data[i] == '\n' || line->data[i] == '\r') {
            line->data[i] = ' ';
        }
    }
}

static void count(struct journal *journal, const char *operation)
{
    size_t i = 0;
    while (journal->operations[i] != NULL && strcmp(journal->operations[i], operation) != 0) {
        i++;
        assert(i < JOURNAL_OPERATIONS);
    }
    journal->operations[i] = operation;
    journal->counts[i]++;
}

void journal_add_operation(struct journal *journal, const struct journal_entry *entry, int64_t at)
{
    struct buffer line = BUFFER(MAX_LINE);
    struct json_writer w = json_writer(&line);
    journal->sequence++;
    count(journal, entry->operation);
    json_open(&w, '{');
    json_key_int(&w, "seq", (int64_t)journal->sequence);
    json_key_string(&w, "op", entry->operation);
    json_key_int(&w, "at", at);
    json_key_string(&w, "video_id", entry->video_id);
    json_key_string(&w, "job_id", entry->job_id);
    json_key_string(&w, "collection_id", entry->collection_id);
    json_key_string(&w, "name", entry->name);
    json_key_string(&w, "url", entry->url);
    add_callback(&w, entry->callback_url);
    if (entry->scene_index_id != NULL) {
        json_key_string(&w, "scene_index_id", entry->scene_index_id);
    }
    add_redacted_key(&w, "body", entry->body, true);
    json_close(&w, '}');
    join_lines(&line);
    add_line(journal, &line);
}

void journal_add_callback(struct journal *journal, const char *callback_url, const char *fate,
                          int64_t at)
{
    struct buffer line = BUFFER(MAX_LINE);
    struct json_writer w = json_writer(&line);
    journal->sequence++;
    json_open(&w, '{');
    json_key_int(&w, "seq", (int64_t)journal->sequence);
    json_key_string(&w, "fate", fate);
    json_key_int(&w, "at", at);
    add_callback(&w, callback_url);
    json_close(&w, '}');
    add_line(journal, &line);
}

void journal_add_request(struct journal *journal, const struct journal_request *request, int64_t at)
{
    struct buffer line = BUFFER(MAX_LINE);
    struct json_writer w = json_writer(&line);
    bool whole = request->body.length <= MAX_BODY;
    struct slice body = slice_head(request->body, MAX_BODY);
    journal->sequence++;
    json_open(&w, '{');
    json_key_int(&w, "seq", (int64_t)journal->sequence);
    json_key_int(&w, "at", at);
    json_key_string(&w, "method", request->method);
    add_redacted_key(&w, "path", slice_text(request->target), false);
    json_key_bool(&w, "has_token", request->has_token);
    json_key_string(&w, "client", request->client);
    json_key_string(&w, "content_type", request->content_type);
    json_key_string(&w, "user_agent", request->user_agent);
    json_key_int(&w, "body_bytes", (int64_t)request->body.length);
    add_redacted_key(&w, "body", body, request->body_is_json && whole);
    json_close(&w, '}');
    join_lines(&line);
    add_line(journal, &line);
}
