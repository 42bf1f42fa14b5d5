/* Spoken words, transcripts and search; scenes stand in route_scene.c. */
#include "route_index.h"

#include <stdlib.h>

#include "accept.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "route_media.h"

#define NO_SPEECH      "Failed to detect the language, no spoken data found."
#define SPOKEN_ALREADY "Spoken word index for video already exists"
#define NO_RESULTS     "No results found"
#define MAX_HITS       5

static bool is_forced(struct exchange *exchange)
{
    bool force = false;
    int node = json_get(&exchange->json, JSON_ROOT, "force");
    return json_bool(&exchange->json, node, &force) && force;
}

/* ---- spoken words ---- */

static void end_spoken(struct job *job)
{
    struct sandbox *sandbox = job->context;
    struct medium *medium = media_find(&sandbox->media, MEDIUM_VIDEO, slice_text(job->subject));
    if (medium == NULL) {
        job_fail(job, "Video not found");
        return;
    }
    if (medium->silent) {
        medium->spoken = INDEX_FAILED;
        medium->spoken_failure = NO_SPEECH;
        job_fail(job, NO_SPEECH);
        return;
    }
    medium->spoken = INDEX_DONE;
    struct json_writer w = json_writer(&job->data);
    json_open(&w, '{');
    json_key_string(&w, "id", medium->id);
    json_key_string(&w, "collection_id", medium->collection_id);
    json_close(&w, '}');
    job_done(job);
}

static void begin_job(struct exchange *exchange, const struct medium *medium,
                      struct acceptance *acceptance)
{
    const struct options *options = exchange->sandbox->options;
    acceptance->job->subject = xstrdup(medium->id);
    acceptance->duration_ms = medium->stuck_index ? -1 : options->index_ms;
    acceptance->entry.video_id = medium->id;
    acceptance->entry.collection_id = medium->collection_id;
    acceptance->entry.url = medium->url;
    acceptance->entry.name = medium->name;
    accept_job(exchange, acceptance);
}

static void begin_spoken(struct exchange *exchange, struct medium *medium, char *callback_url)
{
    medium->spoken = INDEX_PROCESSING;
    struct acceptance acceptance = {
        .job = accept_new_job(exchange, end_spoken),
        .entry = {.operation = "index_spoken"},
        .callback_url = callback_url,
    };
    begin_job(exchange, medium, &acceptance);
}

void index_start_spoken(struct exchange *exchange)
{
    char *type = NULL;
    char *callback_url = NULL;
    struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium != NULL && exchange_json(exchange) &&
        exchange_string(exchange, "index_type", &type) &&
        exchange_string(exchange, "callback_url", &callback_url)) {
        bool there = medium->spoken == INDEX_DONE || medium->spoken == INDEX_PROCESSING;
        if (type != NULL && !slice_is(slice_text(type), "spoken_word")) {
            exchange_refuse(exchange, 400, "Invalid index_type");
        } else if (there && !is_forced(exchange)) {
            exchange_refuse(exchange, 400, SPOKEN_ALREADY);
        } else {
            begin_spoken(exchange, medium, callback_url);
            callback_url = NULL;
        }
    }
    free(type);
    free(callback_url);
}

void index_get_spoken(struct exchange *exchange)
{
    const struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium == NULL) {
        return;
    }
    char *type = exchange_query(exchange, "index_type");
    if (!slice_is(slice_text(type), "spoken_word")) {
        exchange_refuse(exchange, 400, "index_type must be spoken_word");
    } else if (medium->spoken == INDEX_NONE) {
        exchange_refuse(exchange, 404, "Spoken word index not found");
    } else {
        if (medium->spoken == INDEX_FAILED) {
            reply_error(&exchange->reply, 200, REPLY_FALSE, medium->spoken_failure);
        }
        exchange->reply.state = index_state_name(medium->spoken);
    }
    free(type);
}

/* ---- transcripts ---- */

static void add_transcript(struct buffer *out)
{
    static const char *const WORDS[] = {"this", "is", "the", "sandbox", "speaking"};
    struct json_writer w = json_writer(out);
    json_open(&w, '{');
    json_add_key(&w, "word_timestamps");
    json_open(&w, '[');
    for (int i = 0; i < 5; i++) {
        json_open(&w, '{');
        json_key_int(&w, "start", i);
        json_key_int(&w, "end", i + 1);
        json_key_string(&w, "text", WORDS[i]);
        json_key_string(&w, "word", WORDS[i]);
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_key_string(&w, "text", "this is the sandbox speaking");
    json_close(&w, '}');
}

static void end_transcript(struct job *job)
{
    struct sandbox *sandbox = job->context;
    struct medium *medium = media_find(&sandbox->media, MEDIUM_VIDEO, slice_text(job->subject));
    if (medium == NULL || medium->silent) {
        job_fail(job, medium == NULL ? "Video not found" : NO_SPEECH);
        return;
    }
    medium->transcribed = true;
    add_transcript(&job->data);
    job_done(job);
}

static void begin_transcript(struct exchange *exchange, const struct medium *medium,
                             char *callback_url)
{
    struct acceptance acceptance = {
        .job = accept_new_job(exchange, end_transcript),
        .entry = {.operation = "transcription"},
        .callback_url = callback_url,
    };
    begin_job(exchange, medium, &acceptance);
}

void index_start_transcript(struct exchange *exchange)
{
    char *callback_url = NULL;
    const struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium == NULL || !exchange_json(exchange) ||
        !exchange_string(exchange, "callback_url", &callback_url)) {
        return;
    }
    if (medium->transcribed && !is_forced(exchange)) {
        exchange_refuse(exchange, 400, "transcription already exists");
        free(callback_url);
    } else {
        begin_transcript(exchange, medium, callback_url);
    }
}

void index_get_transcript(struct exchange *exchange)
{
    const struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium == NULL) {
        return;
    }
    if (medium->transcribed) {
        add_transcript(&exchange->reply.data);
    } else {
        begin_transcript(exchange, medium, NULL);
    }
}

/* ---- search ---- */

static void add_hit(struct json_writer *w, const struct medium *medium)
{
    struct buffer length = BUFFER(64);
    buffer_add_format(&length, "%.6f", medium->length_s);
    json_open(w, '{');
    json_key_string(w, "video_id", medium->id);
    json_key_string(w, "collection_id", medium->collection_id);
    json_key_string(w, "title", medium->name);
    json_key_slice(w, "length", buffer_slice(&length));
    json_key_raw(w, "docs",
                 slice_text("[{\"start\":0,\"end\":5,\"score\":0.5,"
                            "\"text\":\"this is the sandbox speaking\"}]"));
    json_close(w, '}');
    buffer_clear(&length);
}

static void answer_hits(struct exchange *exchange, const struct medium *const *hits, size_t count)
{
    struct json_writer w = json_writer(&exchange->reply.data);
    if (count == 0) {
        exchange_refuse(exchange, 400, NO_RESULTS);
        return;
    }
    json_open(&w, '{');
    json_add_key(&w, "results");
    json_open(&w, '[');
    for (size_t i = 0; i < count; i++) {
        add_hit(&w, hits[i]);
    }
    json_close(&w, ']');
    json_close(&w, '}');
}

void index_search_video(struct exchange *exchange)
{
    const struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium != NULL) {
        answer_hits(exchange, &medium, medium->spoken == INDEX_DONE ? 1 : 0);
    }
}

void index_search_collection(struct exchange *exchange)
{
    struct sandbox *sandbox = exchange->sandbox;
    const struct medium *hits[MAX_HITS];
    size_t count = 0;
    const struct collection *collection =
        collections_find(&sandbox->collections, exchange->arguments[0]);
    for (size_t i = 0; collection != NULL && i < sandbox->media.length && count < MAX_HITS; i++) {
        const struct medium *medium = sandbox->media.items[i];
        if (medium != NULL && medium->spoken == INDEX_DONE &&
            slice_is(slice_text(collection->id), medium->collection_id)) {
            hits[count] = medium;
            count++;
        }
    }
    answer_hits(exchange, hits, count);
}
