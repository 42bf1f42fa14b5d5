/* duplicate_note -> GET -> on_seen -> [mine?] -> on_owner -> DELETE -> on_deleted -> report ->
 * finish
 */
#include "worker/duplicate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "queue/presence.h"
#include "worker/api_health.h"
#include "worker/question.h"
#include "worker/videodb_envelope.h"

struct duplicate {
    struct context *context;
    char *id, *kept; /* of the task, of its video ("" without) */
    char *media_id;
    char *collection_id; /* as VideoDB says, "" when it does not */
    struct task task;
    struct duplicate_end end;
};

static char *copy(const char *text)
{
    return xstrdup(text != NULL ? text : "");
}

static void finish(struct duplicate *duplicate, bool settled)
{
    struct duplicate_end end = duplicate->end;

    free(duplicate->id);
    free(duplicate->kept);
    free(duplicate->media_id);
    free(duplicate->collection_id);
    task_clear(&duplicate->task);
    free(duplicate);
    end.fn(settled, end.arg);
}

static bool deletes(const struct duplicate *duplicate)
{
    return duplicate->context->config->duplicates == DUPLICATES_DELETE;
}

static void report(struct duplicate *duplicate, bool deleted)
{
    const char *kept = duplicate->kept;
    struct buffer detail = BUFFER(4096);
    struct json_writer w = json_writer(&detail);

    json_key_string(&w, "video_id", duplicate->media_id);
    json_key_string(&w, "kept", kept[0] != '\0' ? kept : NULL);
    if (deletes(duplicate))
        json_key_bool(&w, "deleted", deleted);
    log_warn("duplicate", "id=%s video_id=%s kept=%s deleted=%s", duplicate->id,
             log_quote_text(duplicate->media_id), kept, deleted ? "yes" : "no");
    presence_event(&duplicate->context->queue, "duplicate", duplicate->id, buffer_text(&detail));
    buffer_clear(&detail);
    finish(duplicate, true);
}

/* VideoDB has answered as an API should: is the medium gone, as it is when somebody has deleted it
 * before? */
static bool is_gone(const struct http_result *result)
{
    struct videodb_answer answer;

    videodb_read_index(&answer, result->body);
    bool refused = result->status >= 300 || answer.says == VIDEODB_FAILURE;
    videodb_envelope_doubt(&answer);
    bool gone = !refused || result->status == 404 || answer.says == VIDEODB_MISSING;
    videodb_answer_clear(&answer);
    return gone;
}

static void try_later(struct duplicate *duplicate, int status)
{
    log_warn("duplicate-not-deleted", "id=%s video_id=%s status=%d", duplicate->id,
             log_quote_text(duplicate->media_id), status);
    finish(duplicate, false);
}

/* The key may not delete: that says nothing of what else it may do, nor of the API's health. */
static bool is_forbidden(const struct http_result *result)
{
    return result->end == HTTP_REPLIED && result->status == 403;
}

/* What a call about the medium came to; the API's health learns of it. */
static enum outcome outcome_of(struct duplicate *duplicate, const struct http_result *result)
{
    struct context *context = duplicate->context;

    context->deletions--;
    if (is_forbidden(result))
        return OUTCOME_rejected;
    if (result->end != HTTP_CANCELLED)
        api_health_note(context, BREAKER_QUESTION, duplicate->id, result);
    if (result->end != HTTP_REPLIED)
        return OUTCOME_retry;
    return result->status < 300 ? OUTCOME_done
                                : outcome_of_status(result->status, result->retry_after_ms,
                                                    context->forbidden_in_a_row);
}

static void on_deleted(const struct http_result *result, void *arg)
{
    struct duplicate *duplicate = arg;
    enum outcome outcome = outcome_of(duplicate, result);

    if (outcome == OUTCOME_done || outcome == OUTCOME_rejected)
        report(duplicate, !is_forbidden(result) && is_gone(result));
    else
        try_later(duplicate, result->status);
}

static void call(struct duplicate *duplicate, const struct videodb_request *request,
                 http_done_fn done)
{
    struct context *context = duplicate->context;
    struct buffer url = BUFFER(1 << 14);

    buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request->path));
    struct http_call_request http = {.method = request->method,
                                     .url = buffer_text(&url),
                                     .body = buffer_slice(&request->body),
                                     .authorized = true,
                                     .seconds = &context->api_seconds[API_DUPLICATE]};
    context->calls.value++;
    context->deletions++;
    http_client_send(context->client, &http, done, duplicate);
    buffer_clear(&url);
}

static void delete_medium(struct duplicate *duplicate)
{
    struct videodb_request request;

    videodb_request_init(&request);
    videodb_delete_medium(&request, duplicate->media_id, duplicate->collection_id);
    call(duplicate, &request, on_deleted);
    videodb_request_clear(&request);
}

/* While the API fails for all this is a probe like any other. */
static bool may_call(const struct context *context)
{
    unsigned calls = context->run_count + context->reserved + context->deletions;
    return breaker_allows(&context->breaker, calls, 1, clock_monotonic_ms()) > 0;
}

/* It is nobody's but this task's now; what another task has, say by its name, stays. */
static void on_owner(const struct redisReply *reply, void *arg)
{
    struct duplicate *duplicate = arg;

    if (reply == NULL || reply->type != REDIS_REPLY_STRING)
        finish(duplicate, false);
    else if (strcmp(reply->str, duplicate->id) != 0)
        report(duplicate, false);
    else if (!may_call(duplicate->context))
        try_later(duplicate, 0);
    else
        delete_medium(duplicate);
}

static bool is_known_kind(const char *media_id)
{
    return videodb_medium_of_id(media_id) != VIDEODB_MEDIA;
}

static void own(struct duplicate *duplicate)
{
    struct queue *queue = &duplicate->context->queue;
    char *key = keys_of(&queue->keys, "video", slice_text(duplicate->media_id));
    char retention[24];

    (void)snprintf(retention, sizeof(retention), "%" PRId64, queue->retention_ms);
    redis_send_text(queue->redis, NULL, NULL, "SET", key, duplicate->id, "NX", "PX", retention,
                    NULL);
    redis_send_text(queue->redis, on_owner, duplicate, "GET", key, NULL);
    free(key);
}

/* --- is it the task's? --- */

/* Whoever knows the URL of a callback can name any medium: only VideoDB's own word that it has the
 * task's name shows that the task has made it, and a name that a user chose shows nothing unless
 * names are unique. */
static bool is_provable(const struct duplicate *duplicate)
{
    return duplicate->task.name == NULL || duplicate->context->config->unique_names;
}

static void look(struct duplicate *duplicate, const char *media_id, http_done_fn done)
{
    struct videodb_request request;

    videodb_request_init(&request);
    videodb_get_medium(&request, media_id, duplicate->task.collection_id);
    call(duplicate, &request, done);
    videodb_request_clear(&request);
}

/* False when VideoDB is to be asked again; the answer is to be cleared in any case. */
static bool read_seen(struct duplicate *duplicate, const struct http_result *result,
                      struct videodb_answer *answer)
{
    enum outcome outcome = outcome_of(duplicate, result);

    videodb_read_upload(answer, result->body);
    return outcome == OUTCOME_done || outcome == OUTCOME_rejected;
}

static void on_second_seen(const struct http_result *result, void *arg)
{
    struct duplicate *duplicate = arg;
    struct videodb_answer answer = {0};
    bool seen = read_seen(duplicate, result, &answer);
    bool there = answer.says == VIDEODB_SUCCESS;
    bool denied = result->status >= 300 || answer.says == VIDEODB_FAILURE;

    if (!seen) {
        try_later(duplicate, result->status);
    } else if (there && question_fits(&answer, &duplicate->task)) {
        free(duplicate->collection_id);
        duplicate->collection_id = copy(answer.collection_id);
        own(duplicate);
    } else {
        report(duplicate, denied && !is_forbidden(result) && is_gone(result));
    }
    videodb_answer_clear(&answer);
}

/* The one that is kept may come from a forged callback: then the other one is all there is. */
static void on_kept_seen(const struct http_result *result, void *arg)
{
    struct duplicate *duplicate = arg;
    struct videodb_answer answer = {0};

    if (!read_seen(duplicate, result, &answer))
        try_later(duplicate, result->status);
    else if (question_fits(&answer, &duplicate->task))
        look(duplicate, duplicate->media_id, on_second_seen);
    else
        report(duplicate, false);
    videodb_answer_clear(&answer);
}

static bool read_task(struct duplicate *duplicate, const struct record *record)
{
    struct error error;
    bool read = task_parse_request(&duplicate->task,
                                   slice_text(record_text(record, RECORD_request)), &error);

    if (!read)
        return false;
    free(duplicate->task.id);
    duplicate->task.id = xstrdup(record->id);
    return true;
}

void duplicate_note(struct context *context, const struct record *record,
                    const struct videodb_answer *answer, struct duplicate_end end)
{
    struct duplicate *duplicate = xcalloc(1, sizeof(*duplicate));

    duplicate->context = context;
    duplicate->id = xstrdup(record->id);
    duplicate->kept = copy(record_text(record, RECORD_video_id));
    duplicate->media_id = copy(answer->media_id);
    duplicate->collection_id = copy(NULL);
    duplicate->end = end;
    bool can_delete = deletes(duplicate) && is_known_kind(duplicate->kept) &&
                      is_known_kind(duplicate->media_id) && read_task(duplicate, record) &&
                      is_provable(duplicate);
    if (strcmp(duplicate->kept, duplicate->media_id) == 0)
        finish(duplicate, true);
    else if (!can_delete)
        report(duplicate, false);
    else if (!may_call(context))
        try_later(duplicate, 0);
    else
        look(duplicate, duplicate->kept, on_kept_seen);
}
