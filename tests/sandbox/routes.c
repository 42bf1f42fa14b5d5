#include "routes.h"

#include "exchange.h"
#include "route_control.h"
#include "route_index.h"
#include "route_media.h"
#include "route_scene.h"
#include "route_upload.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_SEGMENTS 8

#define NONE   FAULT_ROUTE_NONE
#define UPLOAD FAULT_ROUTE_UPLOAD
#define INDEX  FAULT_ROUTE_INDEX
#define SCENE  FAULT_ROUTE_SCENE
#define VIDEO  FAULT_ROUTE_VIDEO
#define LIST   FAULT_ROUTE_LIST
#define STATUS FAULT_ROUTE_STATUS
#define ASYNC  FAULT_ROUTE_ASYNC

static const struct route ROUTES[] = {
    {"GET", "collection", media_list_collections, NONE, false},
    {"POST", "collection", media_make_collection, NONE, false},
    {"GET", "collection/{}", media_get_collection, NONE, false},
    {"POST", "collection/{}/upload", upload_start, UPLOAD, false},
    {"GET", "collection/{}/upload_url", upload_make_url, NONE, false},
    {"POST", "storage/{}", upload_store, NONE, true},
    {"POST", "collection/{}/search", index_search_collection, NONE, false},

    {"GET", "video", media_list_videos, LIST, false},
    {"GET", "audio", media_list_audios, LIST, false},
    {"GET", "image", media_list_images, LIST, false},
    {"GET", "video/{}", media_get_video, VIDEO, false},
    {"GET", "audio/{}", media_get_audio, VIDEO, false},
    {"GET", "image/{}", media_get_image, VIDEO, false},
    {"PATCH", "video/{}", media_rename_video, VIDEO, false},
    {"DELETE", "video/{}", media_delete_video, VIDEO, false},
    {"DELETE", "audio/{}", media_delete_audio, VIDEO, false},
    {"DELETE", "image/{}", media_delete_image, VIDEO, false},
    {"DELETE", "video/{}/storage", media_delete_storage, VIDEO, false},

    {"POST", "video/{}/index", index_start_spoken, INDEX, false},
    {"GET", "video/{}/index", index_get_spoken, STATUS, false},
    {"POST", "video/{}/index/scene", scene_start, SCENE, false},
    {"GET", "video/{}/index/scene", scene_list, STATUS, false},
    {"GET", "video/{}/index/scene/{}", scene_get, STATUS, false},
    {"DELETE", "video/{}/index/scene/{}", scene_delete, NONE, false},
    {"POST", "video/{}/transcription", index_start_transcript, NONE, false},
    {"GET", "video/{}/transcription", index_get_transcript, NONE, false},
    {"POST", "video/{}/search", index_search_video, NONE, false},

    {"GET", "async-response/{}", control_get_job, ASYNC, false},
    {"GET", "billing/usage", control_get_usage, NONE, false},

    {"GET", "_sandbox/journal", control_get_journal, NONE, true},
    {"DELETE", "_sandbox/journal", control_reset, NONE, true},
    {"GET", "_sandbox/requests", control_get_requests, NONE, true},
    {"GET", "_sandbox/callbacks", control_get_callbacks, NONE, true},
    {"GET", "_sandbox/state", control_get_state, NONE, true},
    {"GET", "_sandbox/faults", control_get_faults, NONE, true},
    {"POST", "_sandbox/faults", control_set_faults, NONE, true},
};

struct segments {
    struct slice items[MAX_SEGMENTS + 1];
    size_t count; /* over MAX_SEGMENTS: too many */
};

static void split(struct slice path, struct segments *segments)
{
    segments->count = 0;
    while (path.length > 0 && segments->count <= MAX_SEGMENTS) {
        size_t end = slice_find(path, '/');
        if (end > 0) {
            segments->items[segments->count] = slice_head(path, end);
            segments->count++;
        }
        path = slice_skip(path, end + 1);
    }
}

static bool matches(const char *pattern, const struct segments *segments, struct slice *arguments)
{
    struct segments wanted;
    size_t filled = 0;
    split(slice_text(pattern), &wanted);
    if (wanted.count != segments->count) {
        return false;
    }
    for (size_t i = 0; i < wanted.count; i++) {
        if (slice_is(wanted.items[i], "{}")) {
            arguments[filled] = segments->items[i];
            filled++;
        } else if (!slice_equal(wanted.items[i], segments->items[i])) {
            return false;
        }
    }
    return true;
}

const struct route *routes_find(struct slice method, struct slice path, struct slice *arguments,
                                bool *path_known)
{
    struct segments segments;
    split(path, &segments);
    *path_known = false;
    for (size_t i = 0; i < COUNT(ROUTES); i++) {
        if (matches(ROUTES[i].pattern, &segments, arguments)) {
            *path_known = true;
            if (slice_is(method, ROUTES[i].method)) {
                return &ROUTES[i];
            }
        }
    }
    return NULL;
}

bool routes_is_own(struct slice path)
{
    struct segments segments;
    split(path, &segments);
    return segments.count > 0 && slice_is(segments.items[0], "_sandbox");
}
