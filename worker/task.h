/* task - the plain data of one operation as it was asked for, and its form in the record. Pure.
 * The `request` field of a record is task_add_request()'s JSON; task_parse_request() reads it. */
#ifndef REELQ_TASK_H
#define REELQ_TASK_H

#include "worker/task_index.h"

/* VideoDB's alias for the account's first collection. */
#define TASK_DEFAULT_COLLECTION "default"

enum task_kind { TASK_UPLOAD, TASK_INDEX };

/* "upload", "index". */
const char *task_kind_name(enum task_kind kind);

/* Owned strings; NULL when not given. */
struct task {
    enum task_kind kind;
    char *id;
    char *url; /* uploads */
    char *name;
    char *description;
    char *media_type;           /* "video", "audio", "image" */
    char *collection_id;        /* never NULL */
    char *video_id;             /* index tasks */
    struct task_index *indexes; /* exactly one for an index task */
    size_t index_count;
    char *batch;
    int64_t batch_size; /* 0: not given */
    char *meta;         /* raw JSON */
    int64_t max_attempts;
};

/* Frees what it owns and zeroes it. */
void task_clear(struct task *task);

/* May VideoDB's ids look like this: 1 to 256 letters, digits and - _ . : ~, of which a letter or a
 * digit is the first? */
bool task_valid_media_id(struct slice id);

/* Appends / reads the JSON object that is kept in the record: everything the calls need, the task's
 * own id with it when it has one, and nothing that goes without saying: the default collection, a
 * label that is the type, no options. task_parse_request() leaves an empty task when it fails, and
 * passes over members that it does not know. */
void task_add_request(struct buffer *out, const struct task *task);
MUST_USE bool task_parse_request(struct task *task, struct slice request, struct error *error);

/* Appends the same for the child that makes index `n` of the upload, for the video `video_id`: with
 * the id PARENT/LABEL, and without batch and meta, through which only the parent speaks. */
void task_add_child_request(struct buffer *out, const struct task *upload, size_t n,
                            const char *video_id);

/* Appends the fragment of notifications that says what was submitted: "url" (uploads) or
 * "video_id" (index tasks), "batch", "meta"; those that were given. */
void task_add_about(struct buffer *out, const struct task *task);

#endif
