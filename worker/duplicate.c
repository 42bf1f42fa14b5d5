#include "worker/duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "queue/presence.h"

static void on_deleted(const struct http_result *result, void *arg)
{
    char *video_id = arg;

    if (result->end == HTTP_REPLIED && result->status < 300)
        log_info("duplicate-deleted", "video_id=%s", video_id);
    else
        log_warn("duplicate-not-deleted", "video_id=%s status=%d", video_id, result->status);
    free(video_id);
}

static void delete_video(struct context *context, const struct videodb_answer *answer)
{
    struct videodb_request request;
    struct buffer url = BUFFER(1 << 14);

    videodb_request_init(&request);
    videodb_delete_video(&request, answer->media_id, answer->collection_id);
    buffer_add_format(&url, "%s%s", context->config->api_base_url, buffer_text(&request.path));
    struct http_call_request http = {.method = request.method,
                                     .url = buffer_text(&url),
                                     .body = buffer_slice(&request.body),
                                     .authorized = true};
    http_client_send(context->client, &http, on_deleted, xstrdup(answer->media_id));
    videodb_request_clear(&request);
    buffer_clear(&url);
}

void duplicate_note(struct context *context, const struct record *record,
                    const struct videodb_answer *answer)
{
    const char *kept = record_text(record, RECORD_video_id);
    struct buffer detail = BUFFER(4096);
    struct json_writer w = json_writer(&detail);

    if (strcmp(kept, answer->media_id) == 0)
        return;
    json_key_string(&w, "video_id", answer->media_id);
    json_key_string(&w, "kept", kept[0] != '\0' ? kept : NULL);
    log_warn("duplicate", "id=%s video_id=%s kept=%s", record->id, log_quote_text(answer->media_id),
             kept);
    presence_event(&context->queue, "duplicate", record->id, buffer_text(&detail));
    if (kept[0] != '\0' && context->config->duplicates == DUPLICATES_DELETE)
        delete_video(context, answer);
    buffer_clear(&detail);
}
