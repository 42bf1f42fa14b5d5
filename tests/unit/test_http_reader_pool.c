#include <criterion/criterion.h>

#include "net/http_reader_pool.h"

#define REQUEST "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"

static void read_one(struct http_reader *reader)
{
    struct slice rest = slice_text(REQUEST);

    rest = slice_skip(rest, http_reader_feed(reader, rest));
    cr_assert_eq(reader->state, HTTP_READER_GATE);
    http_reader_admit(reader);
    (void)http_reader_feed(reader, rest);
    cr_assert_eq(reader->state, HTTP_READER_DONE);
}

Test(http_reader_pool, hands_out_again_what_was_given_back)
{
    struct http_reader_pool pool;

    http_reader_pool_init(&pool, 2);
    struct http_reader *first = http_reader_pool_take(&pool),
                       *second = http_reader_pool_take(&pool);
    cr_expect_neq(first, second);
    read_one(first);
    http_reader_pool_give(&pool, first);
    cr_expect_eq(http_reader_pool_take(&pool), first);
    cr_expect(!http_reader_has_begun(first), "ready for another request");
    read_one(first);
    http_reader_pool_clear(&pool);
    http_reader_pool_free(first);
    http_reader_pool_free(second);
    http_reader_pool_free(NULL);
}

Test(http_reader_pool, keeps_only_so_many)
{
    enum { MANY = HTTP_READER_POOL_SPARE + 3 };
    struct http_reader *readers[MANY];
    struct http_reader_pool pool;

    http_reader_pool_init(&pool, 2);
    for (int i = 0; i < MANY; i++) {
        readers[i] = http_reader_pool_take(&pool);
        read_one(readers[i]);
    }
    for (int i = 0; i < MANY; i++)
        http_reader_pool_give(&pool, readers[i]);
    cr_expect_eq(pool.count, HTTP_READER_POOL_SPARE);
    http_reader_pool_clear(&pool);
}

Test(http_reader_pool, knows_the_limit_of_a_body)
{
    struct http_reader_pool pool;

    http_reader_pool_init(&pool, 1);
    struct http_reader *reader = http_reader_pool_take(&pool);
    (void)http_reader_feed(reader, slice_text(REQUEST));
    http_reader_admit(reader);
    cr_expect_eq(reader->status, 413);
    http_reader_pool_free(reader);
    http_reader_pool_clear(&pool);
}
