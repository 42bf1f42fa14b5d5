#include "route_media.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "exchange.h"

/* ---- collections ---- */

void media_list_collections(struct exchange *exchange)
{
    const struct collections *collections = &exchange->sandbox->collections;
    struct json_writer w = json_writer(&exchange->reply.data);
    json_open(&w, '{');
    json_add_key(&w, "collections");
    json_open(&w, '[');
    for (size_t i = 0; i < collections->count; i++) {
        struct buffer item = BUFFER(64 << 10);
        collection_add_json(&item, &collections->items[i]);
        json_add_raw(&w, buffer_slice(&item));
        buffer_clear(&item);
    }
    json_close(&w, ']');
    json_key_string(&w, "default_collection", collections->items[0].id);
    json_close(&w, '}');
}

void media_get_collection(struct exchange *exchange)
{
    const struct collection *collection =
        collections_find(&exchange->sandbox->collections, exchange->arguments[0]);
    if (collection == NULL) {
        exchange_refuse(exchange, 404, "Collection not found");
        return;
    }
    collection_add_json(&exchange->reply.data, collection);
}

void media_make_collection(struct exchange *exchange)
{
    char *name = NULL;
    char *description = NULL;
    char id[SANDBOX_ID_SIZE];
    if (exchange_json(exchange) && exchange_string(exchange, "name", &name) &&
        exchange_string(exchange, "description", &description)) {
        sandbox_make_id(exchange->sandbox, "c-", id);
        const struct collection *collection =
            collections_add(&exchange->sandbox->collections, id, name == NULL ? id : name,
                            description == NULL ? "" : description);
        collection_add_json(&exchange->reply.data, collection);
    }
    free(name);
    free(description);
}

/* ---- lists ---- */

struct page {
    enum medium_kind kind;
    const char *key;
    struct slice collection_id;
    uint64_t skip;
    uint64_t count;
    int64_t newest_ms; /* younger media are not listed yet */
};

static bool is_listed(const struct medium *medium, const struct page *page)
{
    return medium != NULL && medium->kind == page->kind && medium->created_ms <= page->newest_ms &&
           slice_is(page->collection_id, medium->collection_id);
}

static void add_page(struct exchange *exchange, struct page *page)
{
    const struct media *media = &exchange->sandbox->media;
    struct json_writer w = json_writer(&exchange->reply.data);
    struct buffer item = BUFFER(4 << 20);
    json_open(&w, '{');
    json_add_key(&w, page->key);
    json_open(&w, '[');
    for (size_t i = media->length; i > 0 && page->count > 0; i--) {
        const struct medium *medium = media->items[i - 1];
        if (!is_listed(medium, page)) {
            continue;
        }
        if (page->skip > 0) {
            page->skip--;
            continue;
        }
        buffer_reset(&item);
        medium_add_json(&item, medium);
        json_add_raw(&w, buffer_slice(&item));
        page->count--;
    }
    json_close(&w, ']');
    json_close(&w, '}');
    buffer_clear(&item);
}

static uint64_t number_of_query(const struct exchange *exchange, const char *name,
                                uint64_t otherwise)
{
    uint64_t number = otherwise;
    char *text = exchange_query(exchange, name);
    (void)slice_to_u64(slice_text(text), &number);
    free(text);
    return number;
}

static void list_media(struct exchange *exchange, enum medium_kind kind, const char *key)
{
    struct sandbox *sandbox = exchange->sandbox;
    char *id = exchange_query(exchange, "collection_id");
    const struct collection *collection = collections_find(&sandbox->collections, slice_text(id));
    free(id);
    if (collection == NULL) {
        exchange_refuse(exchange, 404, "Collection not found");
        return;
    }
    struct page page = {
        .kind = kind,
        .key = key,
        .collection_id = slice_text(collection->id),
        .count = number_of_query(exchange, "count", OPTIONS_MAX_PAGE),
        .newest_ms = clock_monotonic_ms() - sandbox->options->list_delay_ms,
    };
    if (page.count > OPTIONS_MAX_PAGE) {
        exchange_refuse(exchange, 400, "count must be at most 5000");
        return;
    }
    if (page.count > sandbox->options->page_size) {
        page.count = sandbox->options->page_size;
    }
    if (exchange->fault.kind != FAULT_NO_PAGING) {
        page.skip = number_of_query(exchange, "page_index", 0) % UINT32_MAX * page.count;
    }
    add_page(exchange, &page);
}

void media_list_videos(struct exchange *exchange)
{
    list_media(exchange, MEDIUM_VIDEO, "videos");
}

void media_list_audios(struct exchange *exchange)
{
    list_media(exchange, MEDIUM_AUDIO, "audios");
}

void media_list_images(struct exchange *exchange)
{
    list_media(exchange, MEDIUM_IMAGE, "images");
}

/* ---- one ---- */

struct medium *media_of_exchange(struct exchange *exchange, enum medium_kind kind)
{
    static const char *const ABSENT[] = {"Video not found", "Audio not found", "Image not found"};
    struct medium *medium = media_find(&exchange->sandbox->media, kind, exchange->arguments[0]);
    if (medium == NULL) {
        exchange_refuse(exchange, 404, ABSENT[kind]);
    }
    return medium;
}

static void get_medium(struct exchange *exchange, enum medium_kind kind)
{
    const struct medium *medium = media_of_exchange(exchange, kind);
    if (medium != NULL) {
        medium_add_json(&exchange->reply.data, medium);
    }
}

void media_get_video(struct exchange *exchange)
{
    get_medium(exchange, MEDIUM_VIDEO);
}

void media_get_audio(struct exchange *exchange)
{
    get_medium(exchange, MEDIUM_AUDIO);
}

void media_get_image(struct exchange *exchange)
{
    get_medium(exchange, MEDIUM_IMAGE);
}

static void note(struct exchange *exchange, const char *operation, const struct medium *medium)
{
    struct journal_entry entry = {
        .operation = operation,
        .video_id = medium->id,
        .collection_id = medium->collection_id,
        .name = medium->name,
        .url = medium->url,
    };
    journal_add_operation(&exchange->sandbox->journal, &entry, clock_wall_ms());
}

void media_rename_video(struct exchange *exchange)
{
    char *name = NULL;
    struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium == NULL || !exchange_json(exchange) || !exchange_string(exchange, "name", &name)) {
        return;
    }
    if (name == NULL) {
        exchange_refuse(exchange, 400, "name is required");
        return;
    }
    free(medium->name);
    medium->name = name;
    medium_add_json(&exchange->reply.data, medium);
}

static void delete_medium(struct exchange *exchange, enum medium_kind kind)
{
    struct medium *medium = media_of_exchange(exchange, kind);
    if (medium != NULL) {
        note(exchange, "delete", medium);
        media_remove(&exchange->sandbox->media, medium);
    }
}

void media_delete_video(struct exchange *exchange)
{
    delete_medium(exchange, MEDIUM_VIDEO);
}

void media_delete_audio(struct exchange *exchange)
{
    delete_medium(exchange, MEDIUM_AUDIO);
}

void media_delete_image(struct exchange *exchange)
{
    delete_medium(exchange, MEDIUM_IMAGE);
}

void media_delete_storage(struct exchange *exchange)
{
    struct medium *medium = media_of_exchange(exchange, MEDIUM_VIDEO);
    if (medium != NULL) {
        medium->stored = false;
        note(exchange, "delete_storage", medium);
    }
}
