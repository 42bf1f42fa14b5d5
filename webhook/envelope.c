#include "webhook/envelope.h"

#include "base/json_read.h"
#include "base/json_write.h"

static bool has_success(const struct json *doc, struct error *error)
{
    bool success;

    if (json_type(doc, JSON_ROOT) != JSON_OBJECT)
        return error_set(error, "not an object");
    if (!json_bool(doc, json_get(doc, JSON_ROOT, "success"), &success))
        return error_set(error, "no boolean success");
    return true;
}

static bool is_readable(struct slice body, struct error *error)
{
    struct json_limits limits = {.max_bytes = body.length, .max_depth = ENVELOPE_MAX_DEPTH};
    struct json doc;

    if (body.length == 0)
        return error_set(error, "empty body");
    if (!json_parse(&doc, body, &limits, error))
        return false;
    bool readable = has_success(&doc, error);
    json_clear(&doc);
    return readable;
}

/* Line ends in JSON stand between its tokens only, where a space is as good. */
static void add_body(struct json_writer *w, struct slice body)
{
    json_key_raw(w, "body", body);
    for (char *c = w->out->data + w->out->length - body.length; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
}

bool envelope_add(struct buffer *out, const struct envelope *envelope, struct error *error)
{
    struct json_writer w = json_writer(out);
    bool readable = is_readable(envelope->body, error);

    json_open(&w, '{');
    json_key_string(&w, "kind", envelope->kind);
    json_key_slice(&w, "id", envelope->id);
    json_key_int(&w, "call", (int64_t)envelope->call);
    json_key_int(&w, "received_at", envelope->received_at_ms);
    if (readable)
        add_body(&w, envelope->body);
    else
        json_key_string(&w, "unreadable", error->text);
    json_close(&w, '}');
    return readable;
}
