#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json_check.h"
#include "base/xalloc.h"

static const struct json_limits limits = {.max_bytes = 1 << 20, .max_depth = 64};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text;
    size_t tokens;
} sound[] = {
    {"null", 1},
    {"true", 1},
    {"false", 1},
    {"0", 1},
    {"-0", 1},
    {"42", 1},
    {"-17", 1},
    {"1.5", 1},
    {"0.5e-7", 1},
    {"1E+2", 1},
    {"1e2", 1},
    {"0e0", 1},
    {"123456789012345678901234567890.123456789e-400", 1},
    {"\"\"", 1},
    {"\"text\"", 1},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", 1},
    {"\"\\u0041\\u00e9\\uFFFF\\u0000\"", 1},
    {"\"\\ud83d\\ude00\"", 1},
    {"\"\\uD800\\uDC00 \\udbff\\udfff\"", 1},
    {"\"\\\\ud800\"", 1},
    {"\"\x7f\"", 1},
    {"\"Gr\xc3\xbc\xc3\x9f\x65 \xe6\x97\xa5 \xf0\x9f\x98\x80\"", 1},
    {"\"\xef\xbb\xbf\"", 1}, // a byte order mark inside a string is text
    {"\"\xe2\x80\xa8\"", 1}, // U+2028
    {"[]", 1},
    {"{}", 1},
    {"[ ]", 1},
    {"{\t}", 1},
    {" \t\r\n[ 1 , 2 ] \n", 3},
    {"[[],[[]],{}]", 5},
    {"[1,\"a\",null,true,{\"b\":[]}]", 8},
    {"{\"a\":1}", 3},
    {"{\"a\" : 1 , \"b\" : { \"c\" : [ ] } }", 7},
    {"{\"a\":1,\"a\":2}", 5}, // repeated keys are JSON
    {"{\"\":0}", 3},
    {"[-1.5e+10]", 2},
};

Test(json_check, accepts_json)
{
    for (size_t i = 0; i < COUNT(sound); i++) {
        struct error error = {.text = ""};
        size_t tokens = 0;
        cr_expect(json_check(slice_text(sound[i].text), &limits, &tokens, &error), "case %zu: %s",
                  i, error.text);
        cr_expect_eq(tokens, sound[i].tokens, "case %zu: %zu tokens", i, tokens);
        cr_expect(json_check(slice_text(sound[i].text), &limits, NULL, NULL), "without outputs");
    }
}

static const struct {
    const char *text, *error;
} broken[] = {
    {"", "unexpected end at byte 0"},
    {"  ", "unexpected end at byte 2"},
    {"nul", "unexpected end at byte 3"},
    {"nulL", "unexpected 'L' at byte 3"},
    {"nullx", "unexpected 'x' at byte 4"},
    {"True", "unexpected 'T' at byte 0"},
    {"NaN", "unexpected 'N' at byte 0"},
    {"Infinity", "unexpected 'I' at byte 0"},
    {"undefined", "unexpected 'u' at byte 0"},
    {"'a'", "unexpected ''' at byte 0"},
    {"// x\n1", "unexpected '/' at byte 0"},
    {"[1]/**/", "unexpected '/' at byte 3"},
    {"\xef\xbb\xbf{}", "unexpected byte 0xef at byte 0"},
    {"\f1", "unexpected byte 0x0c at byte 0"},
    {"\xc2\xa0[]", "unexpected byte 0xc2 at byte 0"},
    {"1 2", "unexpected '2' at byte 2"},
    {"{}{}", "unexpected '{' at byte 2"},
    {"[]]", "unexpected ']' at byte 2"},
    /* numbers */
    {"01", "unexpected '1' at byte 1"},
    {"-01", "unexpected '1' at byte 2"},
    {"00", "unexpected '0' at byte 1"},
    {"-", "unexpected end at byte 1"},
    {"+1", "unexpected '+' at byte 0"},
    {".5", "unexpected '.' at byte 0"},
    {"1.", "unexpected end at byte 2"},
    {"1.e1", "unexpected 'e' at byte 2"},
    {"-.5", "unexpected '.' at byte 1"},
    {"1e", "unexpected end at byte 2"},
    {"1e+", "unexpected end at byte 3"},
    {"1.2.3", "unexpected '.' at byte 3"},
    {"0x10", "unexpected 'x' at byte 1"},
    {"1_000", "unexpected '_' at byte 1"},
    {"--1", "unexpected '-' at byte 1"},
    {"[1 2]", "unexpected '2' at byte 3"},
    /* arrays */
    {"[", "unexpected end at byte 1"},
    {"[1", "unexpected end at byte 2"},
    {"[1,", "unexpected end at byte 3"},
    {"[1,]", "unexpected ']' at byte 3"},
    {"[,]", "unexpected ',' at byte 1"},
    {"[,1]", "unexpected ',' at byte 1"},
    {"[1,,2]", "unexpected ',' at byte 3"},
    {"[1}", "unexpected '}' at byte 2"},
    {"]", "unexpected ']' at byte 0"},
    {"[\"a\":1]", "unexpected ':' at byte 4"},
    /* objects */
    {"{", "unexpected end at byte 1"},
    {"{\"a\"", "unexpected end at byte 4"},
    {"{\"a\"}", "unexpected '}' at byte 4"},
    {"{\"a\":", "unexpected end at byte 5"},
    {"{\"a\":}", "unexpected '}' at byte 5"},
    {"{\"a\":1", "unexpected end at byte 6"},
    {"{\"a\":1,}", "unexpected '}' at byte 7"},
    {"{,}", "unexpected ',' at byte 1"},
    {"{\"a\" \"b\"}", "unexpected '\"' at byte 5"},
    {"{\"a\":1 \"b\":2}", "unexpected '\"' at byte 7"},
    {"{\"a\"::1}", "unexpected ':' at byte 5"},
    {"{\"a\":\"b\":\"c\"}", "unexpected ':' at byte 8"},
    {"{\"a\",1}", "unexpected ',' at byte 4"},
    {"{1:2}", "unexpected '1' at byte 1"},
    {"{a:1}", "unexpected 'a' at byte 1"},
    {"{null:1}", "unexpected 'n' at byte 1"},
    {"{\"a\":1]", "unexpected ']' at byte 6"},
    {"{[]:1}", "unexpected '[' at byte 1"},
    {":{}", "unexpected ':' at byte 0"},
    {",{}", "unexpected ',' at byte 0"},
    /* strings */
    {"\"", "unexpected end at byte 1"},
    {"\"a", "unexpected end at byte 2"},
    {"\"\\", "unexpected end at byte 2"},
    {"\"\\\"", "unexpected end at byte 3"},
    {"\"\\x\"", "unexpected 'x' at byte 2"},
    {"\"\\'\"", "unexpected ''' at byte 2"},
    {"\"\\U0041\"", "unexpected 'U' at byte 2"},
    {"\"\\u\"", "unexpected '\"' at byte 3"},
    {"\"\\u004", "unexpected end at byte 6"},
    {"\"\\u004\"", "unexpected '\"' at byte 6"},
    {"\"\\u004g\"", "unexpected 'g' at byte 6"},
    {"\"a\nb\"", "control byte 0x0a in a string at byte 2"},
    {"\"\t\"", "control byte 0x09 in a string at byte 1"},
    {"\"\x1f\"", "control byte 0x1f in a string at byte 1"},
    {"{\"a\n\":1}", "control byte 0x0a in a string at byte 3"},
    {"\"\\ud800\"", "lone surrogate at byte 1"},
    {"\"\\udc00\"", "lone surrogate at byte 1"},
    {"\"\\ud800x\"", "lone surrogate at byte 1"},
    {"\"\\ud800\\n\"", "lone surrogate at byte 1"},
    {"\"\\ud800\\ud800\"", "lone surrogate at byte 1"},
    {"\"\\ud800\\u0041\"", "lone surrogate at byte 1"},
    {"\"\\udc00\\ud800\"", "lone surrogate at byte 1"},
    {"\"\\ud800\\u\"", "unexpected '\"' at byte 9"},
    /* UTF-8 */
    {"\"\xff\"", "invalid UTF-8 at byte 1"},
    {"\"\x80\"", "invalid UTF-8 at byte 1"},
    {"\"a\xc3\"", "invalid UTF-8 at byte 2"},
    {"\"\xc0\xaf\"", "invalid UTF-8 at byte 1"},
    {"\"\xe0\x80\xaf\"", "invalid UTF-8 at byte 1"},
    {"\"\xed\xa0\x80\"", "invalid UTF-8 at byte 1"},
    {"\"\xed\xa0\x80\xed\xb0\x80\"", "invalid UTF-8 at byte 1"},
    {"\"\xf4\x90\x80\x80\"", "invalid UTF-8 at byte 1"},
    {"\"\xf8\x88\x80\x80\x80\"", "invalid UTF-8 at byte 1"},
    {"[\xff]", "unexpected byte 0xff at byte 1"},
};

Test(json_check, refuses_what_is_not_json_and_says_where)
{
    for (size_t i = 0; i < COUNT(broken); i++) {
        struct error error = {.text = ""};
        cr_expect(!json_check(slice_text(broken[i].text), &limits, NULL, &error), "case %zu", i);
        cr_expect_str_eq(error.text, broken[i].error, "case %zu: %s", i, error.text);
    }
}

Test(json_check, refuses_nul_everywhere)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {{"\0", 1},     {"1\0", 2},  {"\0001", 2},   {"[\0]", 3},
                 {"\"\0\"", 3}, {"{}\0", 3}, {"\"\\\0\"", 4}};
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect(!json_check(slice_make(cases[i].text, cases[i].length), &limits, NULL, NULL),
                  "case %zu", i);
}

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
