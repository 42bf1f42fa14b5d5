#include <criterion/criterion.h>
#include <string.h>

#include "net/redis_resp.h"

Test(redis_resp, writes_arrays_of_bulk_strings)
{
    static const char *data[] = {"SET", "k\0\r\n", "", "0123456789"};
    static const size_t lengths[] = {3, 4, 0, 10};
    static const char wanted[] =
        "*4\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n$10\r\n0123456789\r\n";
    const struct redis_command command = {.count = 4, .data = data, .length = lengths};
    struct buffer buffer = BUFFER(1024);

    redis_resp_add(&buffer, &command);
    cr_expect_eq(buffer.length, sizeof(wanted) - 1);
    cr_expect(memcmp(buffer.data, wanted, sizeof(wanted) - 1) == 0);

    buffer_reset(&buffer);
    redis_resp_add_words(&buffer, "LLEN", "", "list", NULL);
    cr_expect_str_eq(buffer_text(&buffer), "*3\r\n$4\r\nLLEN\r\n$0\r\n\r\n$4\r\nlist\r\n");
    buffer_clear(&buffer);
}

Test(redis_resp, says_when_a_command_does_not_fit)
{
    struct buffer buffer = BUFFER(20);

    redis_resp_add_words(&buffer, "SET", "key", "a value over the maximum", NULL);
    cr_expect(buffer.failed);
    buffer_clear(&buffer);
}
