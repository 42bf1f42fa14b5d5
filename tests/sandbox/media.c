#include "media.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "rng.h"

void medium_free(struct medium *medium)
{
    for (size_t i = 0; i < medium->scene_count; i++) {
        free(medium->scenes[i].name);
    }
    free(medium->scenes);
    free(medium->id);
    free(medium->collection_id);
    free(medium->name);
    free(medium->description);
    free(medium->url);
    free(medium->extension);
    free(medium);
}

void media_clear(struct media *media)
{
    for (size_t i = 0; i < media->length; i++) {
        if (media->items[i] != NULL) {
            medium_free(media->items[i]);
        }
    }
    free(media->items);
    table_clear(&media->by_id);
    *media = (struct media){0};
}

void media_take(struct media *media, struct medium *medium)
{
    if (media->length == media->capacity) {
        media->capacity = media->capacity == 0 ? 64 : media->capacity * 2;
        media->items = xrealloc(media->items, media->capacity, sizeof(struct medium *));
    }
    medium->position = media->length;
    media->items[media->length] = medium;
    media->length++;
    media->live[medium->kind]++;
    table_put(&media->by_id, medium->id, medium);
}

/* Closes the holes once they are more than half. */
static void compact(struct media *media)
{
    size_t kept = 0;
    if (media->by_id.count * 2 >= media->length) {
        return;
    }
    for (size_t i = 0; i < media->length; i++) {
        if (media->items[i] != NULL) {
            media->items[kept] = media->items[i];
            media->items[kept]->position = kept;
            kept++;
        }
    }
    media->length = kept;
}

void media_remove(struct media *media, struct medium *medium)
{
    table_remove(&media->by_id, slice_text(medium->id));
    media->items[medium->position] = NULL;
    media->live[medium->kind]--;
    medium_free(medium);
    compact(media);
}

struct medium *media_find(const struct media *media, enum medium_kind kind, struct slice id)
{
    struct medium *medium = table_get(&media->by_id, id);
    return medium != NULL && medium->kind == kind ? medium : NULL;
}

void medium_invent_file(struct medium *medium)
{
    uint64_t hash = 0;
    for (const char *at = medium->url; *at != '\0'; at++) {
        hash = rng_mix(hash ^ (unsigned char)*at);
    }
    medium->length_s = 30.0 + (double)(hash % 600000) / 1000.0;
    medium->size_bytes = (int64_t)(1000000 + hash % 50000000);
}

static void add_urls(struct json_writer *w, const struct medium *medium)
{
    struct buffer text = BUFFER(256);
    const char *id = medium->id;
    buffer_add_format(&text, "https://stream.videodb.invalid/v3/%s.m3u8", id);
    json_key_string(w, "stream_url", medium->stored ? buffer_text(&text) : NULL);
    buffer_reset(&text);
    buffer_add_format(&text, "https://console.videodb.invalid/player?id=%s", id);
    json_key_string(w, "player_url", medium->stored ? buffer_text(&text) : NULL);
    buffer_clear(&text);
}

void medium_add_json(struct buffer *out, const struct medium *medium)
{
    struct json_writer w = json_writer(out);
    struct buffer number = BUFFER(64);
    json_open(&w, '{');
    json_key_string(&w, "id", medium->id);
    json_key_string(&w, "collection_id", medium->collection_id);
    json_key_string(&w, "name", medium->name);
    if (medium->description != NULL) {
        json_key_string(&w, "description", medium->description);
    }
    json_key_string(&w, "extension", medium->extension);
    buffer_add_format(&number, "%lld", (long long)medium->size_bytes);
    json_key_slice(&w, "size", buffer_slice(&number));
    if (medium->kind != MEDIUM_IMAGE) {
        buffer_reset(&number);
        buffer_add_format(&number, "%.6f", medium->length_s);
        json_key_slice(&w, "length", buffer_slice(&number));
    }
    if (medium->kind == MEDIUM_VIDEO) {
        add_urls(&w, medium);
    }
    json_close(&w, '}');
    buffer_clear(&number);
}

struct scene_index *scenes_add(struct medium *medium, const char *id, const char *name)
{
    medium->scenes = xrealloc(medium->scenes, medium->scene_count + 1, sizeof(*medium->scenes));
    struct scene_index *scene = &medium->scenes[medium->scene_count];
    *scene = (struct scene_index){.name = xstrdup(name), .state = INDEX_PROCESSING};
    memcpy(scene->id, id, strnlen(id, sizeof(scene->id) - 1));
    medium->scene_count++;
    return scene;
}

struct scene_index *scenes_find(const struct medium *medium, struct slice id)
{
    for (size_t i = 0; i < medium->scene_count; i++) {
        if (slice_is(id, medium->scenes[i].id)) {
            return &medium->scenes[i];
        }
    }
    return NULL;
}

void scenes_remove(struct medium *medium, struct scene_index *scene)
{
    size_t at = (size_t)(scene - medium->scenes);
    free(scene->name);
    memmove(scene, scene + 1, (medium->scene_count - at - 1) * sizeof(*scene));
    medium->scene_count--;
}

const char *index_state_name(enum index_state state)
{
    static const char *const NAMES[] = {"none", "processing", "done", "failed"};
    return NAMES[state];
}
