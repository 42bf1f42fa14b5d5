#include "net/http_reader_pool.h"

#include <stdlib.h>

#include "base/xalloc.h"

void http_reader_pool_init(struct http_reader_pool *pool, size_t max_body)
{
    *pool = (struct http_reader_pool){.max_body = max_body};
}

void http_reader_pool_clear(struct http_reader_pool *pool)
{
    while (pool->count > 0)
        http_reader_pool_free(pool->spare[--pool->count]);
}

struct http_reader *http_reader_pool_take(struct http_reader_pool *pool)
{
    if (pool->count > 0)
        return pool->spare[--pool->count];
    struct http_reader *reader = xcalloc(1, sizeof(*reader));
    http_reader_init(reader, pool->max_body);
    return reader;
}

void http_reader_pool_give(struct http_reader_pool *pool, struct http_reader *reader)
{
    if (pool->count == HTTP_READER_POOL_SPARE) {
        http_reader_pool_free(reader);
        return;
    }
    http_reader_next(reader);
    pool->spare[pool->count++] = reader;
}

void http_reader_pool_free(struct http_reader *reader)
{
    if (reader == NULL)
        return;
    http_reader_clear(reader);
    free(reader);
}
