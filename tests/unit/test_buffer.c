#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

Test(buffer, collects_pieces)
{
    struct buffer buffer = BUFFER(100);

    cr_expect_str_eq(buffer_text(&buffer), "", "before anything");
    cr_expect_eq(buffer_slice(&buffer).length, 0);
    buffer_add_text(&buffer, "a");
    buffer_add_char(&buffer, 'b');
    buffer_add(&buffer, "c\0d", 3);
    buffer_add_slice(&buffer, slice_make(NULL, 0));
    buffer_add_format(&buffer, "-%05d-%s", 42, "x");
    cr_expect(slice_equal(buffer_slice(&buffer), slice_make("abc\0d-00042-x", 13)));
    cr_expect_eq(buffer_text(&buffer)[13], '\0', "NUL behind the content");
    cr_expect(!buffer.failed);
    buffer_clear(&buffer);
    cr_expect(buffer.data == NULL && buffer.length == 0 && buffer.maximum == 100);
}

Test(buffer, holds_exactly_its_maximum)
{
    struct buffer buffer = BUFFER(5);

    buffer_add_text(&buffer, "12345");
    cr_expect(!buffer.failed, "just fits");
    buffer_add(&buffer, "", 0);
    cr_expect(!buffer.failed, "nothing always fits");
    buffer_add_char(&buffer, '6');
    cr_expect(buffer.failed, "one too many");
    cr_expect_str_eq(buffer_text(&buffer), "12345", "content as it was");
    buffer_clear(&buffer);

    buffer_init(&buffer, 5);
    buffer_add_format(&buffer, "%s", "123456");
    cr_expect(buffer.failed && buffer.length == 0, "format too long");
    buffer_clear(&buffer);

    buffer_init(&buffer, 0);
    buffer_add_text(&buffer, "");
    cr_expect(!buffer.failed);
    buffer_add_char(&buffer, 'x');
    cr_expect(buffer.failed, "room for nothing");
    buffer_clear(&buffer);
}

Test(buffer, writes_numbers)
{
    struct buffer buffer = BUFFER(25);

    buffer_add_number(&buffer, 0);
    buffer_add_number(&buffer, 1090);
    buffer_add_number(&buffer, UINT64_MAX);
    cr_expect_str_eq(buffer_text(&buffer), "0109018446744073709551615");
    buffer_add_number(&buffer, 1);
    cr_expect(buffer.failed);
    buffer_clear(&buffer);
}

/* The room that there is may be too small, just right, or too large. */
Test(buffer, formats_into_any_room)
{
    static const char digits[] = "0123456789012345678901234567890123456789012345678901234567890123";

    for (int before = 0; before < 70; before++)
        for (int added = 0; added <= 64; added++) {
            struct buffer buffer = BUFFER(140);
            for (int i = 0; i < before; i++)
                buffer_add_char(&buffer, 'x');
            buffer_add_format(&buffer, "%.*s", added, digits);
            cr_assert_eq(buffer.length, (size_t)before + (size_t)added);
            cr_assert_eq(strncmp(buffer_text(&buffer) + before, digits, (size_t)added), 0);
            cr_assert_eq(buffer_text(&buffer)[buffer.length], '\0');
            buffer_clear(&buffer);
        }
}

Test(buffer, is_as_it_was_when_a_format_does_not_fit)
{
    struct buffer buffer = BUFFER(10);

    buffer_add_text(&buffer, "abc");
    buffer_add_format(&buffer, "%s", "12345678");
    cr_expect(buffer.failed);
    cr_expect_str_eq(buffer_text(&buffer), "abc");
    buffer_clear(&buffer);
}

Test(buffer, failure_sticks)
{
    struct buffer buffer = BUFFER(4);

    buffer_add_text(&buffer, "ab");
    buffer_add_text(&buffer, "cde");
    buffer_add_char(&buffer, 'c');
    buffer_add_format(&buffer, "%d", 1);
    buffer_add(&buffer, "", 0);
    cr_expect(buffer.failed);
    cr_expect_str_eq(buffer_text(&buffer), "ab", "what would fit is not added either");
    buffer_reset(&buffer);
    cr_expect(!buffer.failed && buffer.length == 0);
    cr_expect_str_eq(buffer_text(&buffer), "");
    buffer_add_text(&buffer, "wxyz");
    cr_expect_str_eq(buffer_text(&buffer), "wxyz", "usable after reset");
    buffer_clear(&buffer);
}

Test(buffer, drops_from_the_front)
{
    struct buffer buffer = BUFFER(10);

    buffer_drop(&buffer, 3);
    cr_expect_eq(buffer.length, 0, "nothing to drop");
    buffer_add_text(&buffer, "0123456789");
    buffer_drop(&buffer, 0);
    buffer_drop(&buffer, 4);
    cr_expect_str_eq(buffer_text(&buffer), "456789");
    buffer_add_text(&buffer, "abcd");
    cr_expect_str_eq(buffer_text(&buffer), "456789abcd", "the room is there again");
    buffer_drop(&buffer, 99);
    cr_expect_str_eq(buffer_text(&buffer), "", "clamped");
    buffer_clear(&buffer);
}

Test(buffer, hands_out_its_content)
{
    struct buffer buffer = BUFFER(10);

    char *empty = buffer_take(&buffer);
    cr_expect_str_eq(empty, "");
    buffer_add_text(&buffer, "mine");
    char *taken = buffer_take(&buffer);
    cr_expect_str_eq(taken, "mine");
    cr_expect(buffer.length == 0 && buffer.data == NULL && buffer.maximum == 10);
    buffer_add_text(&buffer, "next");
    cr_expect_str_eq(taken, "mine", "no memory in common");
    free(empty);
    free(taken);
    buffer_clear(&buffer);
}

Test(buffer, grows_far)
{
    struct buffer buffer = BUFFER(1000000);

    for (int i = 0; i < 100000; i++)
        buffer_add_text(&buffer, "0123456789");
    cr_expect(!buffer.failed && buffer.length == 1000000);
    cr_expect(buffer.capacity <= 1000001, "never more than the maximum");
    cr_expect_eq(strlen(buffer_text(&buffer)), 1000000);
    buffer_add_char(&buffer, 'x');
    cr_expect(buffer.failed);
    buffer_clear(&buffer);
}
