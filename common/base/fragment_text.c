#include "base/fragment_text.h"

#include "base/json_read.h"

enum { MAX_FRAGMENT = 4 << 20 };

static void add_member(struct buffer *out, const struct json *doc, const char *key)
{
    int node = json_get(doc, JSON_ROOT, key);

    if (!json_string(doc, node, out))
        buffer_add_slice(out, json_raw(doc, node));
}

void fragment_text_add(struct buffer *out, struct slice fragment, const char *key)
{
    static const struct json_limits limits = {MAX_FRAGMENT, 64};
    struct buffer object = BUFFER(MAX_FRAGMENT);
    struct json doc;

    buffer_add_char(&object, '{');
    buffer_add_slice(&object, fragment);
    buffer_add_char(&object, '}');
    if (!object.failed && json_parse(&doc, buffer_slice(&object), &limits, NULL)) {
        add_member(out, &doc, key);
        json_clear(&doc);
    }
    buffer_clear(&object);
}
