#include "chaos/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json_read.h"
#include "base/url.h"
#include "base/xalloc.h"

enum { MAX_JSON = 16 << 20, MAX_DEPTH = 64, MAX_VALUE = 16 << 10, MAX_ALARMS = 64 << 10 };

static const struct json_limits limits = {MAX_JSON, MAX_DEPTH};

/* --- JSON ------------------------------------------------------------------------------------- */

static char *text_of(const struct json *doc, const char *key)
{
    struct buffer text = BUFFER(MAX_VALUE);

    (void)json_string(doc, json_get(doc, JSON_ROOT, key), &text);
    buffer_add_text(&text, "");
    return buffer_take(&text);
}

static int64_t number_of(const struct json *doc, const char *key)
{
    int64_t value = 0;

    return json_int(doc, json_get(doc, JSON_ROOT, key), &value) ? value : 0;
}

char *collect_text(const char *json, const char *key)
{
    struct json doc;

    if (!json_parse(&doc, slice_text(json), &limits, NULL))
        return xstrdup("");
    char *text = text_of(&doc, key);
    json_clear(&doc);
    return text;
}

int64_t collect_number(const char *json, const char *key)
{
    struct json doc;

    if (!json_parse(&doc, slice_text(json), &limits, NULL))
        return 0;
    int64_t number = number_of(&doc, key);
    json_clear(&doc);
    return number;
}

void collect_event(struct ledger *ledger, const struct collect_event *event)
{
    char *word = xstrdup(event->event), *text = xstrdup(event->json);
    struct ledger_line line = {.at_ms = event->at_ms,
                               .source = event->source,
                               .attempt = (unsigned)collect_number(event->json, "attempt"),
                               .word = word,
                               .text = text};

    ledger_add(ledger, slice_text(event->id), &line);
    free(word);
    free(text);
}

/* --- the sandbox's lines ---------------------------------------------------------------------- */

/* Removes and returns the first line. */
static struct slice next_line(struct slice *text)
{
    struct slice line = slice_head(*text, slice_find(*text, '\n'));

    *text = slice_skip(*text, line.length + 1);
    return line;
}

/* What stands after `mark`, up to the next '&'. */
static struct slice query_value(struct slice url, const char *mark)
{
    const char *found = url.length > 0 ? memmem(url.data, url.length, mark, strlen(mark)) : NULL;

    if (found == NULL)
        return slice_make(NULL, 0);
    struct slice rest = slice_skip(url, (size_t)(found - url.data) + strlen(mark));
    return slice_head(rest, slice_find(rest, '&'));
}

/* Task and attempt stand in the callback URL that reelq gave. */
static void add_by_callback(struct ledger *ledger, const char *callback_url,
                            struct ledger_line *line)
{
    struct slice url = slice_text(callback_url);
    struct buffer id = BUFFER(MAX_VALUE);
    uint64_t attempt = 0;

    (void)url_add_decoded(&id, query_value(url, "?id="));
    (void)slice_to_u64(query_value(url, "&n="), &attempt);
    line->attempt = (unsigned)attempt;
    ledger_add(ledger, buffer_slice(&id), line);
    buffer_clear(&id);
}

static void collect_lines(struct ledger *ledger, struct slice text, enum ledger_source source,
                          const char *word_key)
{
    struct json doc;

    while (text.length > 0) {
        struct slice bytes = next_line(&text);
        if (!json_parse(&doc, bytes, &limits, NULL))
            continue;
        char *url = text_of(&doc, "callback_url"), *copy = slice_copy(bytes);
        char *word = text_of(&doc, word_key);
        struct ledger_line line = {
            .at_ms = number_of(&doc, "at"), .source = source, .word = word, .text = copy};
        add_by_callback(ledger, url, &line);
        free(url);
        free(copy);
        free(word);
        json_clear(&doc);
    }
}

void collect_journal(struct ledger *ledger, struct slice text)
{
    collect_lines(ledger, text, LEDGER_PAID, "op");
}

void collect_callbacks(struct ledger *ledger, struct slice text)
{
    collect_lines(ledger, text, LEDGER_CALLBACK, "fate");
}

/* --- logs ------------------------------------------------------------------------------------- */

void census_init(struct census *census)
{
    *census = (struct census){.alarms = BUFFER(MAX_ALARMS)};
}

void census_clear(struct census *census)
{
    buffer_clear(&census->alarms);
}

unsigned census_of(const struct census *census, const char *word)
{
    for (size_t i = 0; i < census->count; i++)
        if (strcmp(census->words[i].word, word) == 0)
            return census->words[i].count;
    return 0;
}

static void count_word(struct census *census, struct slice word)
{
    for (size_t i = 0; i < census->count; i++) {
        if (slice_is(word, census->words[i].word)) {
            census->words[i].count++;
            return;
        }
    }
    if (census->count == CENSUS_MAX || word.length >= sizeof(census->words[0].word))
        return;
    memcpy(census->words[census->count].word, word.data, word.length);
    census->words[census->count++].count = 1;
}

static bool is_alarming(struct slice line)
{
    static const char *const words[] = {
        "AddressSanitizer", "LeakSanitizer",    "runtime error:", "script-failed",
        "script-refused",   "callback-foreign", "sig=",           "Assertion"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_contains_nocase(line, words[i]))
            return true;
    return false;
}

/* "2026-01-02T03:04:05.678Z"; 0 when it is none. */
static int64_t read_time(struct slice line)
{
    char *text = slice_copy(slice_head(line, 24));
    struct tm parts = {0};
    unsigned ms = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    /* NOLINTNEXTLINE(cert-err34-c): three digits fit */
    bool good = rest != NULL && sscanf(rest, ".%3uZ", &ms) == 1;

    free(text);
    return good ? (int64_t)timegm(&parts) * 1000 + ms : 0;
}

static void add_lapse(struct ledger *ledger, struct slice line, int64_t at_ms)
{
    char word[] = "lease-lapsed";
    const char *mark = memmem(line.data, line.length, " id=", 4);
    struct slice id = mark != NULL ? slice_skip(line, (size_t)(mark - line.data) + 4) : line;
    struct ledger_line entry = {.at_ms = at_ms, .source = LEDGER_LAPSED, .word = word};

    ledger_add(ledger, slice_head(id, slice_find(id, ' ')), &entry);
}

static struct slice next_word(struct slice *rest)
{
    struct slice word = slice_head(*rest, slice_find(*rest, ' '));

    *rest = slice_skip(*rest, word.length + 1);
    return word;
}

void collect_log(struct ledger *ledger, struct census *census, const char *name, struct slice log)
{
    while (log.length > 0) {
        struct slice line = next_line(&log), rest = line;
        int64_t at_ms = read_time(line);
        (void)next_word(&rest);
        (void)next_word(&rest);
        struct slice word = at_ms > 0 ? next_word(&rest) : slice_make(NULL, 0);
        if (word.length > 0)
            count_word(census, word);
        if (slice_is(word, "lease-lapsed"))
            add_lapse(ledger, line, at_ms);
        if (is_alarming(line)) {
            census->alarm_count++;
            buffer_add_format(&census->alarms, "    %s: %.*s\n", name,
                              SLICE_ARGS(slice_head(line, 300)));
        }
    }
}
