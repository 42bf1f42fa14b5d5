/* The limits of json_check, and where it looks; what it takes is told in test_json_vectors.c. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json_check.h"
#include "base/xalloc.h"

static const struct json_limits limits = {.max_bytes = 1 << 20, .max_depth = 64};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* `open` and `close` each `depth` times around a 0. */
static void nest(struct buffer *out, size_t depth, const char *open, const char *close)
{
    buffer_reset(out);
    for (size_t i = 0; i < depth; i++)
        buffer_add_text(out, open);
    buffer_add_char(out, '0');
    for (size_t i = 0; i < depth; i++)
        buffer_add_text(out, close);
}

Test(json_check, bounds_the_depth)
{
    static const struct {
        unsigned limit;
        size_t depth;
        bool fits;
    } cases[] = {
        {0, 0, true},    {0, 1, false},  {1, 1, true},    {1, 2, false},       {32, 32, true},
        {32, 33, false}, {64, 64, true}, {64, 65, false}, {64, 100000, false},
    };
    static const char *const brackets[][2] = {{"[", "]"}, {"{\"a\":", "}"}, {"[{\"a\":", "}]"}};
    struct buffer text = BUFFER(1 << 20);

    for (size_t i = 0; i < COUNT(cases) * 2; i++) {
        size_t c = i / 2;
        struct json_limits bounded = {.max_bytes = 1 << 20, .max_depth = cases[c].limit};
        struct error error = {.text = "nested deeper than"};
        nest(&text, cases[c].depth, brackets[i % 2][0], brackets[i % 2][1]);
        cr_expect_eq(json_check(buffer_slice(&text), &bounded, NULL, &error), cases[c].fits,
                     "case %zu, %s", c, brackets[i % 2][0]);
        cr_expect(strstr(error.text, "nested deeper than") != NULL, "%s", error.text);
    }
    nest(&text, 32, brackets[2][0], brackets[2][1]);
    cr_expect(json_check(buffer_slice(&text), &limits, NULL, NULL), "both kinds count");
    nest(&text, 33, brackets[2][0], brackets[2][1]);
    cr_expect(!json_check(buffer_slice(&text), &limits, NULL, NULL), "both kinds count");
    buffer_clear(&text);

    struct json_limits two = {.max_bytes = 100, .max_depth = 2};
    cr_expect(json_check(slice_text("[[],[],[],{}]"), &two, NULL, NULL), "depth is not breadth");
    cr_expect(!json_check(slice_text("[[],[],{\"a\":{}}]"), &two, NULL, NULL));
}

Test(json_check, bounds_the_size)
{
    struct json_limits small = {.max_bytes = 4, .max_depth = 2};
    struct error error;

    cr_expect(json_check(slice_text("1234"), &small, NULL, NULL));
    cr_expect(!json_check(slice_text("12345"), &small, NULL, &error));
    cr_expect_str_eq(error.text, "longer than 4 bytes");
}

Test(json_check, reads_no_byte_too_many)
{
    static const char *const texts[] = {"[1,{\"a\":\"\\ud83d\\ude00 \xe2\x82\xac\"},true,-1.5e+7]",
                                        "null", "\"\\u0041\""};
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t length = strlen(texts[i]);
        for (size_t cut = 0; cut < length; cut++) {
            char *head = xcalloc(1, cut == 0 ? 1 : cut); // a sanitizer watches its end
            memcpy(head, texts[i], cut);
            cr_expect(!json_check(slice_make(head, cut), &limits, NULL, NULL), "%zu of %s", cut,
                      texts[i]);
            free(head);
        }
    }
}
