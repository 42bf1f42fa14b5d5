#include <criterion/criterion.h>
#include <string.h>

#include "base/json_check.h"
#include "base/json_write.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(json_write, writes_objects_and_arrays)
{
    struct buffer out = BUFFER(1000);
    struct json_writer w = json_writer(&out);

    json_open(&w, '{');
    json_key_string(&w, "id", "my-17");
    json_key_string(&w, "name", NULL);
    json_key_slice(&w, "s", slice_head(slice_text("abcdef"), 3));
    json_key_slice(&w, "empty", slice_make(NULL, 0));
    json_key_int(&w, "min", INT64_MIN);
    json_key_bool(&w, "yes", true);
    json_key_bool(&w, "no", false);
    json_key_raw(&w, "meta", slice_text("{ \"n\": 1.50 }"));
    json_key_raw(&w, "none", slice_make(NULL, 0));
    json_add_key(&w, "list");
    json_open(&w, '[');
    json_add_int(&w, 1);
    json_open(&w, '[');
    json_close(&w, ']');
    json_open(&w, '{');
    json_close(&w, '}');
    json_add_null(&w);
    json_add_string(&w, slice_text("x"));
    json_add_bool(&w, true);
    json_add_raw(&w, slice_text("1e5"));
    json_close(&w, ']');
    json_key_int(&w, "a\"b", 0);
    json_close(&w, '}');
    cr_expect_str_eq(buffer_text(&out),
                     "{\"id\":\"my-17\",\"name\":null,\"s\":\"abc\",\"empty\":\"\","
                     "\"min\":-9223372036854775808,\"yes\":true,\"no\":false,"
                     "\"meta\":{ \"n\": 1.50 },\"none\":null,"
                     "\"list\":[1,[],{},null,\"x\",true,1e5],\"a\\\"b\":0}",
                     "%s", buffer_text(&out));
    struct json_limits limits = {.max_bytes = 1000, .max_depth = 8};
    cr_expect(json_check(buffer_slice(&out), &limits, NULL, NULL));
    buffer_clear(&out);
}

Test(json_write, writes_fragments_and_bare_values)
{
    struct buffer out = BUFFER(100);
    struct json_writer w = json_writer(&out);

    json_key_string(&w, "id", "x");
    json_key_int(&w, "n", 1);
    cr_expect_str_eq(buffer_text(&out), "\"id\":\"x\",\"n\":1");
    buffer_reset(&out);
    w = json_writer(&out);
    json_add_string(&w, slice_text("bare"));
    cr_expect_str_eq(buffer_text(&out), "\"bare\"");
    buffer_clear(&out);
}

Test(json_write, escapes)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"plain /'", "plain /'"},
        {"\"\\", "\\\"\\\\"},
        {"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
        {"\x01\x1f", "\\u0001\\u001f"},
        {"\x7f", "\x7f"},
        {"\xc3\xbc \xe6\x97\xa5 \xf0\x9f\x98\x80", "\xc3\xbc \xe6\x97\xa5 \xf0\x9f\x98\x80"},
        {"a\xff z", "a\xef\xbf\xbd z"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc3\"", "\xef\xbf\xbd\\\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = BUFFER(100);
        json_escape(&out, slice_text(cases[i].in));
        cr_expect_str_eq(buffer_text(&out), cases[i].out, "case %zu: %s", i, buffer_text(&out));
        buffer_clear(&out);
    }
    struct buffer out = BUFFER(100);
    json_escape(&out, slice_make("a\0b", 3));
    cr_expect_str_eq(buffer_text(&out), "a\\u0000b");
    buffer_clear(&out);
}

Test(json_write, makes_json_of_every_byte)
{
    static const struct json_limits limits = {.max_bytes = 100, .max_depth = 1};
    for (int byte = 0; byte < 256; byte++) {
        char text[3] = {'a', (char)byte, 'z'};
        struct buffer out = BUFFER(100);
        struct json_writer w = json_writer(&out);
        struct error error;
        json_add_string(&w, slice_make(text, 3));
        cr_expect(json_check(buffer_slice(&out), &limits, NULL, &error), "byte %d: %s", byte,
                  error.text);
        buffer_clear(&out);
    }
}

Test(json_write, leaves_a_full_buffer_failed)
{
    struct buffer out = BUFFER(8);
    struct json_writer w = json_writer(&out);

    json_open(&w, '{');
    json_key_string(&w, "id", "longer than that");
    json_close(&w, '}');
    cr_expect(out.failed);
    buffer_clear(&out);
}
