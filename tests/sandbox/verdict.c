#include "verdict.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define INVALID_MEDIA "Invalid media type"
#define TOO_LONG                                                                                   \
    "Video is over 3 hours, please reachout to contact@videodb.io to increase the quota"

struct failure {
    const char *word;
    const char *message;
};

static const struct failure FAILURES[] = {
    {"download-failed", VERDICT_DOWNLOAD_FAILED},
    {"missing", VERDICT_DOWNLOAD_FAILED},
    {"invalid-media", INVALID_MEDIA},
    {"corrupt", "Something went wrong"},
    {"too-long", TOO_LONG},
};

struct extension {
    const char *name;
    enum medium_kind kind;
};

static const struct extension EXTENSIONS[] = {
    {"mp4", MEDIUM_VIDEO},  {"mov", MEDIUM_VIDEO}, {"mkv", MEDIUM_VIDEO},  {"webm", MEDIUM_VIDEO},
    {"avi", MEDIUM_VIDEO},  {"m4v", MEDIUM_VIDEO}, {"mp3", MEDIUM_AUDIO},  {"wav", MEDIUM_AUDIO},
    {"m4a", MEDIUM_AUDIO},  {"aac", MEDIUM_AUDIO}, {"flac", MEDIUM_AUDIO}, {"ogg", MEDIUM_AUDIO},
    {"jpg", MEDIUM_IMAGE},  {"png", MEDIUM_IMAGE}, {"gif", MEDIUM_IMAGE},  {"webp", MEDIUM_IMAGE},
    {"jpeg", MEDIUM_IMAGE},
};

static const char *const KIND_NAMES[] = {
    [MEDIUM_VIDEO] = "video",
    [MEDIUM_AUDIO] = "audio",
    [MEDIUM_IMAGE] = "image",
};

struct slice verdict_url_path(struct slice url)
{
    const char *start = memmem(url.data, url.length, "://", 3);
    struct slice rest = start == NULL ? url : slice_skip(url, (size_t)(start - url.data) + 3);
    rest = slice_head(rest, slice_find(rest, '#'));
    rest = slice_head(rest, slice_find(rest, '?'));
    rest = slice_skip(rest, slice_find(rest, '/'));
    return rest.length == 0 ? slice_text("/") : rest;
}

struct slice verdict_extension(struct slice path)
{
    for (size_t i = path.length; i > 0 && path.data[i - 1] != '/'; i--) {
        if (path.data[i - 1] == '.') {
            return slice_skip(path, i);
        }
    }
    return slice_make(NULL, 0);
}

bool verdict_kind_parse(struct slice name, enum medium_kind *kind)
{
    for (size_t i = 0; i < COUNT(KIND_NAMES); i++) {
        if (slice_is(name, KIND_NAMES[i])) {
            *kind = (enum medium_kind)i;
            return true;
        }
    }
    return false;
}

static bool kind_of_extension(struct slice extension, enum medium_kind *kind)
{
    for (size_t i = 0; i < COUNT(EXTENSIONS); i++) {
        if (slice_is_nocase(extension, EXTENSIONS[i].name)) {
            *kind = EXTENSIONS[i].kind;
            return true;
        }
    }
    return false;
}

/* N of "download-flaky-N", or 0. */
static uint64_t flaky_count(struct slice path)
{
    static const char WORD[] = "download-flaky-";
    const char *found = memmem(path.data, path.length, WORD, strlen(WORD));
    if (found == NULL) {
        return 0;
    }
    struct slice digits = slice_skip(path, (size_t)(found - path.data) + strlen(WORD));
    size_t length = 0;
    while (length < digits.length && digits.data[length] >= '0' && digits.data[length] <= '9') {
        length++;
    }
    uint64_t count = 0;
    return slice_to_u64(slice_head(digits, length), &count) ? count : 0;
}

static const char *failure_of(struct slice path)
{
    for (size_t i = 0; i < COUNT(FAILURES); i++) {
        if (slice_contains_nocase(path, FAILURES[i].word)) {
            return FAILURES[i].message;
        }
    }
    return NULL;
}

struct verdict verdict_of(struct slice path, struct slice media_type)
{
    enum medium_kind told = MEDIUM_VIDEO;
    enum medium_kind found = MEDIUM_VIDEO;
    bool is_told = verdict_kind_parse(media_type, &told);
    bool is_found = kind_of_extension(verdict_extension(path), &found);
    struct verdict verdict = {
        .failure = failure_of(path),
        .flaky = flaky_count(path),
        .silent = slice_contains_nocase(path, "silent"),
        .stuck_index = slice_contains_nocase(path, "stuck-index"),
        .kind = is_found ? found : told,
    };
    verdict.stuck = !verdict.stuck_index && slice_contains_nocase(path, "stuck");
    if (verdict.failure == NULL && is_told && is_found && told != found) {
        verdict.failure = INVALID_MEDIA;
    }
    return verdict;
}
