/* callback_take -> parse -> read -> on_read -> decide -> settle -> on_done -> drop
 *   decide: the task is over, and this is another video -> duplicate_note -> on_duplicate -> drop
 *   decide: what it says is to be verified -> doubt -> settle_ask, or later
 *   on_done: the task has moved meanwhile, or another one has the video -> read again */
#include "worker/callback.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "queue/presence.h"
#include "worker/claim.h"
#include "worker/duplicate.h"
#include "worker/settle.h"

enum { MAX_ENVELOPE = 2 << 20, MAX_DEPTH = 40, MAX_ROUNDS = 8 };

struct callback {
    struct context *context;
    char *member;
    size_t member_length;
    char *id;
    bool upload;
    int64_t call; /* its number */
    struct videodb_answer answer;
    unsigned rounds;
    bool doubted; /* another task has what it names */
};

static void finish(struct callback *callback, bool drop)
{
    struct context *context = callback->context;

    if (drop)
        queue_drop(&context->queue, QUEUE_CALLBACKS,
                   slice_make(callback->member, callback->member_length));
    videodb_answer_clear(&callback->answer);
    free(callback->member);
    free(callback->id);
    free(callback);
    context->callbacks_open--;
    context->on_slot(context);
}

static void on_read(struct record *record, void *arg);

static void on_done(enum transition_result result, void *arg)
{
    struct callback *callback = arg;
    bool again = result == TRANSITION_STALE || result == TRANSITION_CLAIMED;

    if (result == TRANSITION_CLAIMED && !callback->doubted) {
        callback->doubted = true;
        log_warn("callback-doubted", "id=%s reason=another-task-has-it", callback->id);
    }
    if (again && ++callback->rounds < MAX_ROUNDS)
        queue_read(&callback->context->queue, callback->id, on_read, callback);
    else
        finish(callback, result == TRANSITION_DONE);
}

/* Is the call that this callback speaks of still the one that counts? */
static bool is_current(const struct callback *callback, const struct record *record)
{
    bool waiting =
        record_is(record, RECORD_state, "awaiting") || record_is(record, RECORD_state, "running") ||
        (record_is(record, RECORD_state, "queued") && record_is(record, RECORD_purpose, "ask"));
    return waiting && callback->call == record_int(record, RECORD_calls);
}

static void ignore(struct callback *callback, struct record *record, const char *why)
{
    log_info("callback-ignored", "id=%s call=%" PRId64 " state=%s reason=%s", callback->id,
             callback->call, record_text(record, RECORD_state), why);
    record_free(record);
    finish(callback, true);
}

/* Until it is settled the callback stays in `taken`, and comes back by itself. */
static void on_duplicate(bool settled, void *arg)
{
    finish(arg, settled);
}

static void note_duplicate(struct callback *callback, struct record *record)
{
    duplicate_note(callback->context, record, &callback->answer,
                   (struct duplicate_end){on_duplicate, callback});
    record_free(record);
}

static bool is_over(const struct record *record)
{
    return record_is(record, RECORD_state, "ready") || record_is(record, RECORD_state, "failed") ||
           record_is(record, RECORD_state, "indexing");
}

/* Its word does not count: VideoDB's does. While a call or another question is under way the
 * callback stays in `taken`, and comes back by itself. */
static void doubt(struct callback *callback, struct record *record)
{
    bool running = record_is(record, RECORD_state, "running");
    bool asking = record_is(record, RECORD_purpose, "ask") &&
                  (running || record_is(record, RECORD_state, "queued"));
    char *claim = claim_text(&callback->answer);

    if (asking && record_is(record, RECORD_claim, claim)) {
        ignore(callback, record, "known");
    } else if (asking || running) {
        record_free(record);
        finish(callback, false);
    } else {
        settle_ask(settle_new(callback->context, record, on_done, callback), claim);
    }
    free(claim);
}

/* Its word counts: but a video that another task has is not taken, nor is one asked for without
 * end. */
static void believe(struct callback *callback, struct record *record)
{
    struct context *context = callback->context;
    enum videodb_says says = callback->answer.says;

    if (says == VIDEODB_SUCCESS)
        settle_success(settle_new(context, record, on_done, callback), &callback->answer,
                       SETTLE_CLAIMED);
    else if (says == VIDEODB_FAILURE)
        settle_refused(settle_new(context, record, on_done, callback), callback->answer.message,
                       "");
    else if (record_is(record, RECORD_state, "awaiting"))
        doubt(callback, record);
    else
        ignore(callback, record, "unreadable");
}

static void decide(struct callback *callback, struct record *record)
{
    bool success = callback->answer.says == VIDEODB_SUCCESS;
    bool doubted = callback->doubted || callback->context->config->verify_callbacks;
    bool spent = record_int(record, RECORD_claims) >= CLAIM_MAX;

    if (record_is(record, RECORD_state, ""))
        ignore(callback, record, "no-such-task");
    else if (is_over(record) && success && callback->upload)
        note_duplicate(callback, record);
    else if (is_over(record))
        ignore(callback, record, "over");
    else if (!success && !is_current(callback, record))
        ignore(callback, record, "older-call");
    else if (spent && (doubted || !success))
        ignore(callback, record, "too-many");
    else if (doubted)
        doubt(callback, record);
    else
        believe(callback, record);
}

static void on_read(struct record *record, void *arg)
{
    struct callback *callback = arg;

    if (record == NULL)
        finish(callback, false); /* Redis is away: the callback comes back by itself */
    else
        decide(callback, record);
}

/* The envelope is our own webhook's; anything else on the list is a mistake of somebody. */
static bool read_envelope(struct callback *callback, const struct json *doc)
{
    struct buffer id = BUFFER(KEYS_MAX_TASK_ID);
    int body = json_get(doc, JSON_ROOT, "body");

    callback->upload = json_string_is(doc, json_get(doc, JSON_ROOT, "kind"), "upload");
    bool ok = json_int(doc, json_get(doc, JSON_ROOT, "call"), &callback->call) &&
              json_string(doc, json_get(doc, JSON_ROOT, "id"), &id) && !id.failed &&
              keys_valid_task_id(buffer_slice(&id));
    callback->id = buffer_take(&id);
    if (body == JSON_NONE)
        callback->answer.says = VIDEODB_UNREADABLE;
    else if (callback->upload)
        videodb_read_upload(&callback->answer, json_raw(doc, body));
    else
        videodb_read_index(&callback->answer, json_raw(doc, body));
    return ok;
}

void callback_put(struct context *context, const struct callback_news *news)
{
    struct buffer envelope = BUFFER(MAX_ENVELOPE);
    struct json_writer w = json_writer(&envelope);

    json_open(&w, '{');
    json_key_string(&w, "kind", "upload");
    json_key_string(&w, "id", news->id);
    json_key_int(&w, "call", news->call);
    json_key_raw(&w, "body", news->body);
    json_close(&w, '}');
    if (!envelope.failed)
        redis_send_text(context->redis, NULL, NULL, "LPUSH", context->queue.keys.callbacks,
                        buffer_text(&envelope), NULL);
    buffer_clear(&envelope);
}

static void take(struct context *context, struct slice member)
{
    struct callback *callback = xcalloc(1, sizeof(*callback));
    struct json_limits limits = {MAX_ENVELOPE, MAX_DEPTH};
    struct json doc;
    struct error error;

    callback->context = context;
    callback->member = slice_copy(member);
    callback->member_length = member.length;
    context->callbacks.value++;
    context->callbacks_open++;
    bool parsed = json_parse(&doc, queue_item(member), &limits, &error);
    if (!parsed || !read_envelope(callback, &doc)) {
        log_error("callback-foreign", "error=%s", parsed ? "envelope" : log_quote_text(error.text));
        finish(callback, true);
    } else {
        queue_read(&context->queue, callback->id, on_read, callback);
    }
    if (parsed)
        json_clear(&doc);
}

void callback_take(struct context *context, const struct queue_claim *claim)
{
    if (claim->waiting > 0)
        context->callbacks_behind_ms = clock_monotonic_ms();
    for (size_t i = 0; i < claim->count; i++)
        take(context, claim->members[i]);
}
