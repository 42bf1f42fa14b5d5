/* http_vectors - the acceptance policy of the HTTP listeners (docs/architecture.md), as raw bytes
 * and what must come of them. The reader alone, the listener in one process, and the webhook as it
 * is run are all held against this one table. */
#ifndef REELQ_TESTS_HTTP_VECTORS_H
#define REELQ_TESTS_HTTP_VECTORS_H

#include "base/buffer.h"

/* What a listener must be given: the secret that the vectors are signed with, the limit of a body
 * that they assume. */
#define HTTP_VECTORS_SECRET "0123456789abcdef-test"
/* The body of the request behind a vector. */
#define HTTP_VECTORS_NEXT_BODY "next"
enum { HTTP_VECTORS_MAX_BODY = 2048, HTTP_VECTORS_MAX_BYTES = 64 * 1024 };

struct http_vector {
    const char *name;
    /* Stands for what is sent: <target> is a signed callback target of 77 bytes, <expired> one that
     * was good once, <nul> a zero byte, <64*text> is "text" 64 times. */
    const char *bytes;
    /* The statuses in their order, and then
     *   open    the next request on this connection is answered: both ends agree where it begins
     *   closed  the connection ends by itself, and what follows on it is nobody's request
     *   waits   more is wanted; when nothing comes, nothing is answered */
    const char *verdict;
    const char *bodies; /* of the callbacks that were taken, each as http_vector_add_body() */
};

struct http_vector_group {
    const char *name;
    const struct http_vector *vectors;
    size_t count;
};

extern const struct http_vector_group http_vectors_lines, http_vectors_fields, http_vectors_routes,
    http_vectors_lengths, http_vectors_codings, http_vectors_chunks, http_vectors_smuggling;

/* All of them. */
enum { HTTP_VECTOR_GROUPS = 7 };
extern const struct http_vector_group *const http_vector_groups[HTTP_VECTOR_GROUPS];

/* Appends what the vector sends; and the request that is sent behind it, but not where it waits: a
 * callback that ends the connection, with a body of its own. */
void http_vector_add_bytes(const struct http_vector *vector, struct buffer *out);
void http_vector_add_next(struct buffer *out);

/* "open", "closed", "waits". */
bool http_vector_ends(const struct http_vector *vector, const char *end);

/* Appends what must be answered, "200 400 ", and the bodies that must be taken; `next`: with the
 * request behind it, where that is answered. */
void http_vector_add_statuses(const struct http_vector *vector, bool next, struct buffer *out);
void http_vector_add_bodies(const struct http_vector *vector, bool next, struct buffer *out);

/* A body as `bodies` has it: the first 32 bytes of those over 64. */
void http_vector_add_body(struct slice body, struct buffer *out);

#endif
