/* media - what was uploaded: videos, audio and images, with the indexes of the videos. */
#ifndef SANDBOX_MEDIA_H
#define SANDBOX_MEDIA_H

#include "base/buffer.h"
#include "table.h"
#include "verdict.h"

enum index_state { INDEX_NONE, INDEX_PROCESSING, INDEX_DONE, INDEX_FAILED };

struct scene_index {
    char id[17];
    char *name;
    const char *job_id; /* borrowed: jobs stay to the end */
    enum index_state state;
    bool doomed; /* it fails in the end */
};

/* Strings are the medium's own. */
struct medium {
    char *id;
    enum medium_kind kind;
    char *collection_id;
    char *name;
    char *description; /* or NULL */
    char *url;
    char *extension;
    int64_t size_bytes;
    double length_s;
    int64_t created_ms; /* monotonic */
    bool silent;
    bool stuck_index;
    bool stored; /* false once its storage was deleted */
    enum index_state spoken;
    const char *spoken_failure; /* static; of INDEX_FAILED */
    bool transcribed;
    struct scene_index *scenes; /* oldest first */
    size_t scene_count;
    size_t position; /* in the store; its own business */
};

/* All zero is an empty store. */
struct media {
    struct table by_id;
    struct medium **items; /* oldest first; NULL where one was removed */
    size_t length;
    size_t capacity;
    size_t live[MEDIUM_IMAGE + 1];
};

void media_clear(struct media *media);

/* Adds `medium` and owns it from then on. Made by xcalloc, as are its strings. */
void media_take(struct media *media, struct medium *medium);
void media_remove(struct media *media, struct medium *medium);

/* The medium of that kind, or NULL. */
struct medium *media_find(const struct media *media, enum medium_kind kind, struct slice id);

/* Frees a medium that is in no store. */
void medium_free(struct medium *medium);

/* Length and size made from the URL: the same URL gives the same file. */
void medium_invent_file(struct medium *medium);

/* Appends the medium as the API shows it; size and length are strings. */
void medium_add_json(struct buffer *out, const struct medium *medium);

/* A new scene index in state INDEX_PROCESSING; `name` is copied. The pointer is good until the
 * next one is added or removed. */
struct scene_index *scenes_add(struct medium *medium, const char *id, const char *name);
struct scene_index *scenes_find(const struct medium *medium, struct slice id);
void scenes_remove(struct medium *medium, struct scene_index *scene);

/* "processing", "done", "failed". */
const char *index_state_name(enum index_state state);

#endif
