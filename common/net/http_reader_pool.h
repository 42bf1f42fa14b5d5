/* http_reader_pool - readers for the requests that are under way. Most connections are idle most of
 * the time, and have none then; one that was given back serves again, with the memory it has. */
#ifndef REELQ_HTTP_READER_POOL_H
#define REELQ_HTTP_READER_POOL_H

#include "net/http_reader.h"

enum { HTTP_READER_POOL_SPARE = 64 };

struct http_reader_pool {
    struct http_reader *spare[HTTP_READER_POOL_SPARE];
    unsigned count;
    size_t max_body;
};

/* `max_body` is that of its readers. */
void http_reader_pool_init(struct http_reader_pool *pool, size_t max_body);

/* Frees the spare ones; those that are out stay good. */
void http_reader_pool_clear(struct http_reader_pool *pool);

/* A reader at the start of a request. It is given back, or else freed. */
struct http_reader *http_reader_pool_take(struct http_reader_pool *pool);

/* Where http_reader_next() is allowed. */
void http_reader_pool_give(struct http_reader_pool *pool, struct http_reader *reader);

/* At any time, be the pool gone. NULL is allowed. */
void http_reader_pool_free(struct http_reader *reader);

#endif
