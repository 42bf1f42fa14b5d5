/* journal - JSON lines: the operations that were accepted, and the requests that came in. */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include "base/buffer.h"

#define JOURNAL_OPERATIONS 12

/* One log of JSON lines. A line that would pass `maximum` is dropped and counted. */
struct journal {
    struct buffer lines;
    uint64_t sequence; /* of the last line */
    uint64_t dropped;
    const char *operations[JOURNAL_OPERATIONS]; /* names seen, NULL after the last */
    uint64_t counts[JOURNAL_OPERATIONS];        /* how often each of them */
};

/* An accepted operation; texts may be NULL and are then written as null. */
struct journal_entry {
    const char *operation; /* static */
    const char *video_id;
    const char *job_id;
    const char *collection_id;
    const char *name;
    const char *url;
    const char *callback_url; /* only its path and query are kept, without the signature */
    const char *scene_index_id;
    struct slice body; /* JSON, or empty */
};

struct journal_request {
    const char *method;
    const char *target; /* path and query */
    bool has_token;
    const char *client; /* of x-videodb-client, or NULL; so are the next two */
    const char *content_type;
    const char *user_agent;
    struct slice body; /* kept up to 64 KiB */
    bool body_is_json;
};

void journal_init(struct journal *journal, size_t maximum);
void journal_clear(struct journal *journal);

/* Forgets the lines and starts again with sequence 1. */
void journal_reset(struct journal *journal);

/* `at` is the wall clock in milliseconds. */
void journal_add_operation(struct journal *journal, const struct journal_entry *entry, int64_t at);
void journal_add_request(struct journal *journal, const struct journal_request *request,
                         int64_t at);

/* What became of the callback to `callback_url` (or its path): "delivered" and understood or
 * "unreadable", both answered with 2xx; "given-up"; "lost" on the way. */
void journal_add_callback(struct journal *journal, const char *callback_url, const char *fate,
                          int64_t at);

/* Appends `text` with the value of every `sig=` taken out. */
void journal_add_redacted(struct buffer *out, struct slice text);

#endif
