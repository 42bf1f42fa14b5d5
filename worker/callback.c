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
#include "worker/callback_read.h"
#include "worker/duplicate.h"
#include "worker/hint.h"
#include "worker/settle.h"

enum { MAX_ROUNDS = 8 };

struct callback {
    struct context *context;
    char *member;
    size_t member_length;
    struct callback_said said;
    unsigned rounds;
    bool doubted; /* another task has what it names */
};

static void finish(struct callback *callback, bool drop)
{
    struct context *context = callback->context;

    if (drop)
        queue_drop(&context->queue, QUEUE_CALLBACKS,
                   slice_make(callback->member, callback->member_length));
    callback_said_clear(&callback->said);
    free(callback->member);
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
        log_warn("callback-doubted", "id=%s reason=another-task-has-it", callback->said.id);
    }
    if (again && ++callback->rounds < MAX_ROUNDS)
        queue_read(&callback->context->queue, callback->said.id, on_read, callback);
    else
        finish(callback, result == TRANSITION_DONE);
}

/* Is the call that this callback speaks of still the one that counts? */
static bool is_current(const struct callback *callback, const struct record *record)
{
    bool waiting =
        record_is(record, RECORD_state, "awaiting") || record_is(record, RECORD_state, "running") ||
        (record_is(record, RECORD_state, "queued") && record_is(record, RECORD_purpose, "ask"));
    return waiting && callback->said.call == record_int(record, RECORD_calls);
}

static void ignore(struct callback *callback, struct record *record, const char *why)
{
    log_info("callback-ignored", "id=%s call=%" PRId64 " state=%s reason=%s", callback->said.id,
             callback->said.call, record_text(record, RECORD_state), why);
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
    duplicate_note(callback->context, record, &callback->said.answer,
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
    char *hint = hint_text(&callback->said.answer);

    if (asking && record_is(record, RECORD_hint, hint)) {
        ignore(callback, record, "known");
    } else if (asking || running) {
        record_free(record);
        finish(callback, false);
    } else {
        settle_ask(settle_new(callback->context, record, on_done, callback), hint);
    }
    free(hint);
}

static void succeed(struct callback *callback, struct record *record)
{
    struct settle *settle = settle_new(callback->context, record, on_done, callback);

    settle_claimed(settle, queue_seq(slice_make(callback->member, callback->member_length)),
                   callback->said.received_at_ms);
    settle_success(settle, &callback->said.answer, SETTLE_TOLD);
}

/* Its word counts: but a video that another task has is not taken, nor is one asked for without
 * end. */
static void believe(struct callback *callback, struct record *record)
{
    struct context *context = callback->context;
    enum videodb_says says = callback->said.answer.says;

    if (says == VIDEODB_SUCCESS)
        succeed(callback, record);
    else if (says == VIDEODB_FAILURE)
        settle_refused(settle_new(context, record, on_done, callback),
                       callback->said.answer.message, "");
    else if (record_is(record, RECORD_state, "awaiting"))
        doubt(callback, record);
    else
        ignore(callback, record, "unreadable");
}

static void decide(struct callback *callback, struct record *record)
{
    bool success = callback->said.answer.says == VIDEODB_SUCCESS;
    bool doubted = callback->doubted || callback->context->config->verify_callbacks;
    bool spent = record_int(record, RECORD_hints) >= HINT_MAX;

    if (record_is(record, RECORD_state, ""))
        ignore(callback, record, "no-such-task");
    else if (is_over(record) && success && callback->said.upload)
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

void callback_put(struct context *context, const struct callback_news *news)
{
    struct buffer envelope = BUFFER(CALLBACK_READ_MAX);
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
    struct error error;

    callback->context = context;
    callback->member = slice_copy(member);
    callback->member_length = member.length;
    context->callbacks.value++;
    context->callbacks_open++;
    /* The envelope is our own webhook's; anything else on the list is a mistake of somebody. */
    if (!callback_read(&callback->said, queue_item(member), &error)) {
        log_error("callback-foreign", "error=%s", log_quote_text(error.text));
        finish(callback, true);
    } else {
        queue_read(&context->queue, callback->said.id, on_read, callback);
    }
}

void callback_take(struct context *context, const struct queue_claim *claim)
{
    if (claim->waiting > 0)
        context->callbacks_behind_ms = clock_monotonic_ms();
    for (size_t i = 0; i < claim->count; i++)
        take(context, claim->members[i]);
}
