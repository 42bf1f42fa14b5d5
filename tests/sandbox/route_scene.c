#include "route_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "route_media.h"

#define BAD_TIME  "'time' in the extraction_config must be a positive integer"
#define NOT_FOUND "Scene index not found"

static void add_records(struct json_writer *w)
{
    json_add_key(w, "scene_index_records");
    json_open(w, '[');
    for (int i = 0; i < 2; i++) {
        json_open(w, '{');
        json_key_int(w, "start", INT64_C(10) * i);
        json_key_int(w, "end", i * 10 + 10);
        json_key_string(w, "description", "A scene made by the sandbox");
        json_key_raw(w, "metadata", slice_text("{}"));
        json_key_raw(w, "scene_metadata", slice_text("{}"));
        json_close(w, '}');
    }
    json_close(w, ']');
}

static void end_scene(struct job *job)
{
    struct sandbox *sandbox = job->context;
    struct medium *medium = media_find(&sandbox->media, MEDIUM_VIDEO, slice_text(job->subject));
    struct scene_index *scene =
        medium == NULL ? NULL : scenes_find(medium, slice_text(job->scene_id));
    if (scene == NULL) {
        job_fail(job, medium == NULL ? "Video not found" : NOT_FOUND);
        return;
    }
    if (scene->doomed) {
        scene->state = INDEX_FAILED;
        job_fail(job, "Something went wrong");
        return;
    }
    scene->state = INDEX_DONE;
    struct json_writer w = json_writer(&job->data);
    json_open(&w, '{');
    json_key_string(&w, "id", medium->id);
    json_key_string(&w, "scene_index_id", scene->id);
    add_records(&w);
    json_close(&w, '}');
    job_done(job);
}

/* False after answering that extraction_config.time is wrong. */
static bool check_time(struct exchange *exchange)
{
    int64_t time_s = 1;
    int config = json_get(&exchange->json, JSON_ROOT, "extraction_config");
    int node = json_get(&exchange->json, config, "time");
    enum json_type type = json_type(&exchange->json, node);
    bool given = type != JSON_MISSING && type != JSON_NULL;
    if (given && (!json_int(&exchange->json, node, &time_s) || time_s <= 0)) {
        exchange_refuse(exchange, 400, BAD_TIME);
        return false;
    }
    return true;
}

static void begin_scene(struct exchange *exchange, struct medium *medium,
                        struct acceptance *acceptance)
{
    struct sandbox *sandbox = exchange->sandbox;
    struct job *job = accept_new_job(exchange, end_scene);
    char id[SANDBOX_ID_SIZE];
    sandbox_make_id(sandbox, "", id);
    memcpy(job->scene_id, id, sizeof(job->scene_id) - 1);
    job->subject = xstrdup(medium->id);
    char *made_name = xasprintf("Scene index %s", job->scene_id);
    const char *name = acceptance->entry.name != NULL ? acceptance->entry.name : made_name;
    struct scene_index *scene = scenes_add(medium, job->scene_id, name);
    scene->job_id = job->id;
    scene->doomed = exchange->fault.kind == FAULT_FAILS;
    acceptance->job = job;
    acceptance->entry = (struct journal_entry){
        .operation = "index_scene",
        .video_id = medium->id,
        .collection_id = medium->collection_id,
        .name = name,
        .url = medium->url,
        .scene_index_id = job->scene_id,
    };
    acceptance->duration_ms = medium->stuck_index ? -1 : sandbox->options->index_ms;
    accept_job(exchange, acceptance);
    free(made_name);
}

/* True after answering that an index of that name exists; VideoDB itself makes a second one. */
static bool refuse_second(struct exchange *exchange, const struct medium *medium, const char *name)
{
    char message[128];
    if (exchange->fault.kind != FAULT_EXISTS || name == NULL) {
        return false;
    }
    for (size_t i = 0; i < medium->scene_count; i++) {
        if (strcmp(medium->scenes[i].name, name) == 0) {
            (void)snprintf(message, sizeof(message), "Scene index with id %s already exists",
                           medium->scenes[i].id);
            exchange_refuse(exchange, 400, message);
            return true;
        }
    }
    return false;
}

void scene_start(struct exchange *exchange)
{
    char *name = NULL;
    struct acceptance acceptance = {0};
    struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium != NULL && exchange_json(exchange) && check_time(exchange) &&
        exchange_string(exchange, "name", &name) && !refuse_second(exchange, medium, name) &&
        exchange_string(exchange, "callback_url", &acceptance.callback_url)) {
        acceptance.entry.name = name;
        begin_scene(exchange, medium, &acceptance);
    }
    free(name);
}

void scene_list(struct exchange *exchange)
{
    const struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium == NULL) {
        return;
    }
    struct json_writer w = json_writer(&exchange->reply.data);
    json_open(&w, '{');
    json_add_key(&w, "scene_indexes");
    json_open(&w, '[');
    for (size_t i = 0; i < medium->scene_count; i++) {
        json_open(&w, '{');
        json_key_string(&w, "scene_index_id", medium->scenes[i].id);
        json_key_string(&w, "name", medium->scenes[i].name);
        json_key_string(&w, "status", index_state_name(medium->scenes[i].state));
        json_key_raw(&w, "metadata", slice_text("{}"));
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_close(&w, '}');
}

/* The scene index that the route names; NULL after answering that there is none. */
static struct scene_index *named_scene(struct exchange *exchange, struct medium **medium)
{
    *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (*medium == NULL) {
        return NULL;
    }
    struct scene_index *scene = scenes_find(*medium, exchange->arguments[1]);
    if (scene == NULL) {
        exchange_refuse(exchange, 404, NOT_FOUND);
    }
    return scene;
}

void scene_get(struct exchange *exchange)
{
    struct medium *medium;
    const struct scene_index *scene = named_scene(exchange, &medium);
    if (scene == NULL) {
        return;
    }
    if (scene->state == INDEX_PROCESSING) {
        const struct job *job = jobs_find(&exchange->sandbox->jobs, slice_text(scene->job_id));
        accept_fill_processing(exchange, job, "sync");
        return;
    }
    struct json_writer w = json_writer(&exchange->reply.data);
    json_open(&w, '{');
    json_key_string(&w, "scene_index_id", scene->id);
    json_key_string(&w, "name", scene->name);
    add_records(&w);
    json_close(&w, '}');
}

void scene_delete(struct exchange *exchange)
{
    struct medium *medium;
    struct scene_index *scene = named_scene(exchange, &medium);
    if (scene == NULL) {
        return;
    }
    struct journal_entry entry = {
        .operation = "delete_scene",
        .video_id = medium->id,
        .collection_id = medium->collection_id,
        .name = scene->name,
        .scene_index_id = scene->id,
    };
    journal_add_operation(&exchange->sandbox->journal, &entry, clock_wall_ms());
    scenes_remove(medium, scene);
}
