/* duplicate_note -> [mine?] -> on_owner -> DELETE -> on_deleted -> report -> finish */
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
#include "worker/videodb_envelope.h"

struct duplicate {
    struct context *context;
    char *id, *kept; /* of the task, of its video ("" without) */
    char *media_id, *collection_id;
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

static void on_deleted(const struct http_result *result, void *arg)
{
    struct duplicate *duplicate = arg;
    struct context *context = duplicate->context;
    enum outcome outcome = OUTCOME_retry;

    context->deletions--;
    if (is_forbidden(result)) {
        report(duplicate, false);
        return;
    }
    if (result->end != HTTP_CANCELLED)
        api_health_note(context, BREAKER_QUESTION, duplicate->id, result);
    if (result->end == HTTP_REPLIED)
        outcome = result->status < 300 ? OUTCOME_done
                                       : outcome_of_status(result->status, result->retry_after_ms,
                                                           context->forbidden_in_a_row);
    if (outcome == OUTCOME_done || outcome == OUTCOME_rejected) {
        report(duplicate, is_gone(result));
        return;
    }
    try_later(duplicate, result->status);
}

static void delete_medium(struct duplicate *duplicate)
{
    struct context *context = duplicate->context;
    struct videodb_request request;
    struct buffer url = BUFFER(1 << 14);

    videodb_request_init(&request);
    videodb_delete_medium(&request, duplicate->media_id, duplicate->collection_id);
    buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    struct http_call_request http = {.method = request.method,
                                     .url = buffer_text(&url),
                                     .body = buffer_slice(&request.body),
                                     .authorized = true};
    context->calls.value++;
    context->deletions++;
    http_client_send(context->client, &http, on_deleted, duplicate);
    videodb_request_clear(&request);
    buffer_clear(&url);
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

static bool is_known_kind(const struct duplicate *duplicate)
{
    return videodb_medium_of_id(duplicate->media_id) != VIDEODB_MEDIA;
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

void duplicate_note(struct context *context, const struct record *record,
                    const struct videodb_answer *answer, struct duplicate_end end)
{
    struct duplicate *duplicate = xcalloc(1, sizeof(*duplicate));

    duplicate->context = context;
    duplicate->id = xstrdup(record->id);
    duplicate->kept = copy(record_text(record, RECORD_video_id));
    duplicate->media_id = copy(answer->media_id);
    duplicate->collection_id = copy(answer->collection_id);
    duplicate->end = end;
    if (strcmp(duplicate->kept, duplicate->media_id) == 0)
        finish(duplicate, true);
    else if (duplicate->kept[0] == '\0' || !deletes(duplicate) || !is_known_kind(duplicate))
        report(duplicate, false);
    else
        own(duplicate);
}
