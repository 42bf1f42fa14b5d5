#include "route_upload.h"

#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/url.h"
#include "base/xalloc.h"

#define MAX_URL  ((size_t)16 << 10)
#define MAX_NAME ((size_t)4 << 10)

/* The members of the request, each to be freed. */
struct upload {
    char *url;
    char *name;
    char *description;
    char *media_type;
    char *callback_url;
};

static void upload_clear(struct upload *upload)
{
    free(upload->url);
    free(upload->name);
    free(upload->description);
    free(upload->media_type);
    free(upload->callback_url);
}

static bool check_upload(struct exchange *exchange, const struct upload *upload)
{
    struct url url;
    enum medium_kind kind;
    const char *fault = NULL;
    if (upload->url == NULL) {
        fault = "url is required";
    } else if (!url_parse(slice_text(upload->url), MAX_URL, &url, NULL)) {
        fault = "Invalid url";
    } else if (upload->media_type != NULL &&
               !verdict_kind_parse(slice_text(upload->media_type), &kind)) {
        fault = "Invalid media type";
    } else if (upload->callback_url != NULL &&
               !url_parse(slice_text(upload->callback_url), MAX_URL, &url, NULL)) {
        fault = "Invalid callback_url";
    }
    if (fault != NULL) {
        exchange_refuse(exchange, 400, fault);
    }
    return fault == NULL;
}

static bool read_upload(struct exchange *exchange, struct upload *upload)
{
    return exchange_json(exchange) && exchange_string(exchange, "url", &upload->url) &&
           exchange_string(exchange, "name", &upload->name) &&
           exchange_string(exchange, "description", &upload->description) &&
           exchange_string(exchange, "media_type", &upload->media_type) &&
           exchange_string(exchange, "callback_url", &upload->callback_url) &&
           check_upload(exchange, upload);
}

/* The decoded last segment of the path. */
static char *name_from_path(struct slice path)
{
    struct buffer text = BUFFER(MAX_NAME);
    size_t start = path.length;
    while (start > 0 && path.data[start - 1] != '/') {
        start--;
    }
    struct slice segment = slice_skip(path, start);
    if (!url_add_decoded(&text, segment) || text.failed) {
        buffer_reset(&text);
        buffer_add_slice(&text, slice_head(segment, MAX_NAME / 2));
    }
    char *name = xstrdup(text.length == 0 ? "untitled" : buffer_text(&text));
    buffer_clear(&text);
    return name;
}

static void end_upload(struct job *job)
{
    struct sandbox *sandbox = job->context;
    if (job->failure != NULL) {
        job_fail(job, job->failure);
        return;
    }
    struct medium *medium = job->fresh;
    job->fresh = NULL;
    medium->created_ms = clock_monotonic_ms();
    medium_add_json(&job->data, medium);
    media_take(&sandbox->media, medium);
    job_done(job);
}

static char *extension_of(struct slice path, enum medium_kind kind)
{
    static const char *const USUAL[] = {"mp4", "mp3", "jpg"};
    struct slice extension = verdict_extension(path);
    return extension.length == 0 || extension.length > 8 ? xstrdup(USUAL[kind])
                                                         : slice_copy(extension);
}

static struct medium *make_medium(struct exchange *exchange, const struct upload *upload,
                                  struct slice path, const struct verdict *verdict)
{
    static const char *const PREFIXES[] = {"m-z-", "a-z-", "img-z-"};
    char id[SANDBOX_ID_SIZE];
    sandbox_make_id(exchange->sandbox, PREFIXES[verdict->kind], id);
    struct medium *medium = xcalloc(1, sizeof(*medium));
    medium->id = xstrdup(id);
    medium->kind = verdict->kind;
    medium->name = upload->name != NULL ? xstrdup(upload->name) : name_from_path(path);
    medium->description = upload->description == NULL ? NULL : xstrdup(upload->description);
    medium->url = xstrdup(upload->url);
    medium->extension = extension_of(path, verdict->kind);
    medium->silent = verdict->silent;
    medium->stuck_index = verdict->stuck_index;
    medium->stored = true;
    medium_invent_file(medium);
    return medium;
}

static struct verdict judge(struct sandbox *sandbox, const struct upload *upload,
                            struct slice *path)
{
    *path = verdict_url_path(slice_text(upload->url));
    struct stored_file *file = storage_of_path(&sandbox->storage, *path);
    bool absent = file != NULL && file->filename == NULL;
    if (file != NULL && !absent) {
        *path = slice_text(file->filename);
    }
    struct verdict verdict = verdict_of(*path, slice_text(upload->media_type));
    if (absent ||
        (verdict.failure == NULL && sandbox_download_fails(sandbox, upload->url, verdict.flaky))) {
        verdict.failure = VERDICT_DOWNLOAD_FAILED;
    }
    return verdict;
}

static void begin_upload(struct exchange *exchange, struct upload *upload,
                         const char *collection_id)
{
    struct slice path;
    struct verdict verdict = judge(exchange->sandbox, upload, &path);
    struct job *job = accept_new_job(exchange, end_upload);
    struct medium *medium = make_medium(exchange, upload, path, &verdict);
    medium->collection_id = xstrdup(collection_id);
    job->fresh = medium;
    job->failure = verdict.failure;
    struct acceptance acceptance = {
        .job = job,
        .entry = {.operation = "upload",
                  .video_id = verdict.failure != NULL || verdict.stuck ? NULL : medium->id,
                  .collection_id = collection_id,
                  .name = medium->name,
                  .url = upload->url},
        .callback_url = upload->callback_url,
        .duration_ms = verdict.stuck ? -1 : exchange->sandbox->options->upload_ms,
    };
    upload->callback_url = NULL;
    accept_job(exchange, &acceptance);
}

void upload_start(struct exchange *exchange)
{
    struct upload upload = {0};
    struct collection *collection =
        collections_find(&exchange->sandbox->collections, exchange->arguments[0]);
    if (collection == NULL) {
        exchange_refuse(exchange, 404, "Collection not found");
    } else if (read_upload(exchange, &upload)) {
        if (slice_contains_nocase(slice_text(upload.url), "forbidden")) {
            exchange_refuse(exchange, 403, "Forbidden");
        } else {
            begin_upload(exchange, &upload, collection->id);
        }
    }
    upload_clear(&upload);
}

void upload_make_url(struct exchange *exchange)
{
    char id[SANDBOX_ID_SIZE];
    struct buffer url = BUFFER(512);
    if (collections_find(&exchange->sandbox->collections, exchange->arguments[0]) == NULL) {
        exchange_refuse(exchange, 404, "Collection not found");
        return;
    }
    sandbox_make_id(exchange->sandbox, "obj-", id);
    storage_add(&exchange->sandbox->storage, id);
    char *base = exchange_base_url(exchange);
    buffer_add_format(&url, "%s/storage/%s?token=%s", base, id, id + strlen("obj-"));
    struct json_writer w = json_writer(&exchange->reply.data);
    json_open(&w, '{');
    json_key_slice(&w, "upload_url", buffer_slice(&url));
    json_close(&w, '}');
    buffer_clear(&url);
    free(base);
}

void upload_store(struct exchange *exchange)
{
    struct stored_file *file = storage_find(&exchange->sandbox->storage, exchange->arguments[0]);
    if (file == NULL) {
        reply_error(&exchange->reply, 404, REPLY_FALSE, "No such upload");
    } else if (!storage_receive(file, exchange->body)) {
        reply_error(&exchange->reply, 400, REPLY_FALSE, "No part named 'file'");
    }
}
