#include "cli/event_line.h"

#include <hiredis/hiredis.h>

#include "base/json_read.h"
#include "cli/client.h"

enum { MAX_TEXT = 64 << 10 };

bool event_entry_read(struct event_entry *entry, const struct redisReply *reply)
{
    uint64_t at = 0;

    *entry = (struct event_entry){.stream_id = client_text(reply, 0)};
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return false;
    const struct redisReply *fields = reply->element[1];
    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        struct slice name = client_text(fields, i);
        if (slice_is(name, "event"))
            entry->event = client_text(fields, i + 1);
        else if (slice_is(name, "id"))
            entry->id = client_text(fields, i + 1);
        else if (slice_is(name, "json"))
            entry->json = client_text(fields, i + 1);
    }
    (void)slice_to_u64(slice_head(entry->stream_id, slice_find(entry->stream_id, '-')), &at);
    entry->at_ms = (int64_t)at;
    return entry->event.length > 0;
}

/* What of the JSON is worth a place in the line, and the words before it. */
static const struct {
    const char *key, *before;
} shown[] = {
    {"attempt", "attempt "}, {"stage", ""},         {"error", ""},           {"action", "-> "},
    {"video_id", ""},        {"kept", "kept "},     {"deleted", "deleted "}, {"total", "total "},
    {"ready", "ready "},     {"failed", "failed "},
};

static void add_detail(struct buffer *out, const struct json *doc)
{
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        int node = json_get(doc, JSON_ROOT, shown[i].key);
        struct buffer text = BUFFER(MAX_TEXT);
        if (node == JSON_NONE)
            continue;
        if (!json_string(doc, node, &text))
            buffer_add_slice(&text, json_raw(doc, node));
        buffer_add_format(out, "  %s", shown[i].before);
        screen_add_safe(out, buffer_slice(&text));
        buffer_clear(&text);
    }
}

static void add_padded(struct buffer *out, struct slice text, size_t width)
{
    screen_add_safe(out, text);
    for (size_t i = text.length; i < width; i++)
        buffer_add_char(out, ' ');
}

void event_line_add(struct buffer *out, const struct screen *screen,
                    const struct event_entry *entry, bool with_id)
{
    static const struct json_limits limits = {16 << 20, 64};
    struct json doc;

    buffer_add_text(out, "  ");
    screen_add_clock(out, entry->at_ms);
    buffer_add_format(out, "  %s", screen_ink(screen, screen_ink_of_state(entry->event)));
    add_padded(out, entry->event, 12);
    buffer_add_text(out, screen_off(screen));
    if (with_id) {
        buffer_add_text(out, "  ");
        screen_add_safe(out, entry->id);
    }
    if (json_parse(&doc, entry->json, &limits, NULL)) {
        add_detail(out, &doc);
        json_clear(&doc);
    }
    buffer_add_char(out, '\n');
}
