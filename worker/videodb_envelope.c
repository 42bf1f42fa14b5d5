#include "worker/videodb_envelope.h"

#include <stdlib.h>

#include "base/redact.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_DEPTH = 32, MAX_MESSAGE = 1024 };

static const struct {
    const char *word;
    enum videodb_says says;
} statuses[] = {
    {"processing", VIDEODB_PROCESSING},  {"in progress", VIDEODB_PROCESSING},
    {"in_progress", VIDEODB_PROCESSING}, {"queued", VIDEODB_PROCESSING},
    {"pending", VIDEODB_PROCESSING},     {"initiated", VIDEODB_PROCESSING},
    {"running", VIDEODB_PROCESSING},     {"started", VIDEODB_PROCESSING},
    {"building", VIDEODB_PROCESSING},    {"indexing", VIDEODB_PROCESSING},
    {"ready", VIDEODB_SUCCESS},          {"indexed", VIDEODB_SUCCESS},
    {"complete", VIDEODB_SUCCESS},       {"completed", VIDEODB_SUCCESS},
    {"done", VIDEODB_SUCCESS},           {"success", VIDEODB_SUCCESS},
    {"failed", VIDEODB_FAILURE},         {"failure", VIDEODB_FAILURE},
    {"error", VIDEODB_FAILURE},          {"none", VIDEODB_MISSING},
    {"missing", VIDEODB_MISSING},        {"not found", VIDEODB_MISSING},
    {"not_found", VIDEODB_MISSING},      {"not indexed", VIDEODB_MISSING},
    {"not_indexed", VIDEODB_MISSING},
};

enum videodb_says videodb_envelope_status(const struct json *doc, int node)
{
    int status = json_get(doc, node, "status");
    struct slice quoted = json_raw(doc, status);

    if (json_type(doc, status) != JSON_STRING)
        return VIDEODB_UNREADABLE;
    struct slice word = slice_make(quoted.data + 1, quoted.length - 2);
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (slice_is_nocase(word, statuses[i].word))
            return statuses[i].says;
    return VIDEODB_UNREADABLE;
}

/* --- reasons ---------------------------------------------------------------------------------- */

/* One line that can be logged and shown, also where the API repeats the key that it was sent; NULL
 * when nothing is left of it. */
static char *clean(struct buffer *text)
{
    for (size_t i = 0; i < text->length; i++)
        if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7f)
            text->data[i] = ' ';
    if (text->length > 0)
        text->length = redact_text(text->data);
    struct slice line = utf8_head(slice_trim(buffer_slice(text)), MAX_MESSAGE);
    return line.length == 0 ? NULL : slice_copy(line);
}

static char *line_of(const struct json *doc, int node)
{
    struct buffer text = BUFFER(json_raw(doc, node).length);
    char *line = json_string(doc, node, &text) ? clean(&text) : NULL;

    buffer_clear(&text);
    return line;
}

char *videodb_envelope_message(const struct json *doc, int node)
{
    static const char *const keys[] = {"message", "error", "detail", "reason"};

    for (size_t i = 0; i < COUNT(keys); i++) {
        int value = json_get(doc, node, keys[i]);
        char *line = line_of(doc, value);
        if (line == NULL)
            line = line_of(doc, json_get(doc, value, "message"));
        if (line != NULL)
            return line;
    }
    return NULL;
}

/* The nearest reason to the failure counts. */
static char *find_message(const struct videodb_envelope *envelope)
{
    int places[] = {envelope->node, envelope->data, JSON_ROOT};

    for (size_t i = 0; i < COUNT(places); i++) {
        char *line = videodb_envelope_message(&envelope->doc, places[i]);
        if (line != NULL)
            return line;
    }
    return NULL;
}

/* --- the frame -------------------------------------------------------------------------------- */

/* Of several statuses the one that stands furthest inside, but none makes up for a failure or a
 * running job further out. */
static enum videodb_says find_status(const struct videodb_envelope *envelope)
{
    int places[] = {JSON_ROOT, envelope->node, envelope->data};
    enum videodb_says found = VIDEODB_UNREADABLE;

    for (size_t i = 0; i < COUNT(places); i++) {
        enum videodb_says says = videodb_envelope_status(&envelope->doc, places[i]);
        if (says == VIDEODB_PROCESSING || says == VIDEODB_FAILURE)
            return says;
        if (says != VIDEODB_UNREADABLE)
            found = says;
    }
    return found;
}

static enum videodb_says judge(const struct videodb_envelope *envelope)
{
    int said = json_get(&envelope->doc, envelope->node, "success");
    bool success;

    if (envelope->status == VIDEODB_PROCESSING || envelope->status == VIDEODB_FAILURE)
        return envelope->status;
    if (json_bool(&envelope->doc, said, &success))
        return success ? VIDEODB_SUCCESS : VIDEODB_FAILURE;
    return envelope->status;
}

static void explain(const struct videodb_envelope *envelope, struct videodb_answer *answer)
{
    answer->message = find_message(envelope);
    if (answer->says == VIDEODB_UNREADABLE && answer->message != NULL)
        answer->says = VIDEODB_FAILURE;
    if (answer->message == NULL)
        answer->message = xstrdup(answer->says == VIDEODB_FAILURE ? "VideoDB gave no reason."
                                                                  : "neither success nor status");
}

bool videodb_envelope_open(struct videodb_envelope *envelope, struct videodb_answer *answer,
                           struct slice body, size_t maximum)
{
    const struct json_limits limits = {maximum, MAX_DEPTH};
    struct error error;

    *answer = (struct videodb_answer){.says = VIDEODB_UNREADABLE};
    if (!json_parse(&envelope->doc, body, &limits, &error)) {
        answer->message = xasprintf("not JSON: %s", error.text);
        return false;
    }
    if (json_type(&envelope->doc, JSON_ROOT) != JSON_OBJECT) {
        videodb_envelope_close(envelope);
        answer->message = xstrdup("not a JSON object");
        return false;
    }
    int response = json_get(&envelope->doc, JSON_ROOT, "response");
    bool wrapped = json_type(&envelope->doc, response) == JSON_OBJECT;
    envelope->node = wrapped ? response : JSON_ROOT;
    envelope->data = json_get(&envelope->doc, envelope->node, "data");
    envelope->status = find_status(envelope);
    answer->says = judge(envelope);
    if (answer->says == VIDEODB_FAILURE || answer->says == VIDEODB_UNREADABLE)
        explain(envelope, answer);
    return true;
}

void videodb_envelope_close(struct videodb_envelope *envelope)
{
    json_clear(&envelope->doc);
}

void videodb_envelope_doubt(struct videodb_answer *answer)
{
    static const char *const none[] = {"not found", "not exist",   "no index",
                                       "no scene",  "not indexed", "no spoken word index"};

    if (answer->says != VIDEODB_FAILURE)
        return;
    answer->says = VIDEODB_UNREADABLE;
    for (size_t i = 0; i < COUNT(none); i++)
        if (slice_contains_nocase(slice_text(answer->message), none[i]))
            answer->says = VIDEODB_MISSING;
}
