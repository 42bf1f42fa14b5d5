#include "worker/callback_read.h"

#include <stdlib.h>

#include "queue/keys.h"

enum { MAX_DEPTH = 40 };

/* Without a body it is unreadable, as an empty text is. */
static void read_body(struct callback_said *said, struct slice body)
{
    if (said->upload)
        videodb_read_upload(&said->answer, body);
    else
        videodb_read_index(&said->answer, body);
}

static bool read_document(struct callback_said *said, const struct json *doc)
{
    struct buffer id = BUFFER(KEYS_MAX_TASK_ID);

    said->upload = json_string_is(doc, json_get(doc, JSON_ROOT, "kind"), "upload");
    bool ok = json_int(doc, json_get(doc, JSON_ROOT, "call"), &said->call) &&
              json_string(doc, json_get(doc, JSON_ROOT, "id"), &id) && !id.failed &&
              keys_valid_task_id(buffer_slice(&id));
    said->id = buffer_take(&id);
    if (!json_int(doc, json_get(doc, JSON_ROOT, "received_at"), &said->received_at_ms))
        said->received_at_ms = 0;
    read_body(said, json_raw(doc, json_get(doc, JSON_ROOT, "body")));
    return ok;
}

bool callback_read(struct callback_said *said, struct slice line, struct error *error)
{
    struct json_limits limits = {CALLBACK_READ_MAX, MAX_DEPTH};
    struct json doc;

    *said = (struct callback_said){.answer = {.says = VIDEODB_UNREADABLE}};
    if (!json_parse(&doc, line, &limits, error))
        return false;
    bool ours = read_document(said, &doc);
    json_clear(&doc);
    return ours || error_set(error, "envelope");
}

void callback_said_clear(struct callback_said *said)
{
    videodb_answer_clear(&said->answer);
    free(said->id);
    *said = (struct callback_said){.id = NULL};
}
