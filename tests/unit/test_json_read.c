#include <criterion/criterion.h>
#include <string.h>

#include "base/json_read.h"

static const struct json_limits limits = {.max_bytes = 8 << 20, .max_depth = 64};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct json parse(const char *text)
{
    struct json doc;
    struct error error;
    cr_assert(json_parse(&doc, slice_text(text), &limits, &error), "%s: %s", text, error.text);
    return doc;
}

Test(json_read, knows_types)
{
    static const struct {
        const char *text;
        enum json_type type;
        const char *name, *raw;
    } cases[] = {
        {"null", JSON_NULL, "null", "null"},
        {" true ", JSON_BOOL, "a boolean", "true"},
        {"false", JSON_BOOL, "a boolean", "false"},
        {"\t-1.5e3\n", JSON_NUMBER, "a number", "-1.5e3"},
        {"0", JSON_NUMBER, "a number", "0"},
        {" \"a\\nb\" ", JSON_STRING, "a string", "\"a\\nb\""},
        {"\"\"", JSON_STRING, "a string", "\"\""},
        {" [1, 2] ", JSON_ARRAY, "an array", "[1, 2]"},
        {"[]", JSON_ARRAY, "an array", "[]"},
        {"{ }", JSON_OBJECT, "an object", "{ }"},
        {"{\"a\" : {}}", JSON_OBJECT, "an object", "{\"a\" : {}}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json doc = parse(cases[i].text);
        cr_expect_eq(json_type(&doc, JSON_ROOT), cases[i].type, "case %zu", i);
        cr_expect_str_eq(json_type_name(json_type(&doc, JSON_ROOT)), cases[i].name);
        cr_expect(slice_is(json_raw(&doc, JSON_ROOT), cases[i].raw), "case %zu", i);
        cr_expect_eq(json_next(&doc, JSON_ROOT), JSON_NONE, "the root has no neighbour");
        cr_expect_eq(json_key(&doc, JSON_ROOT).length, 0);
        json_clear(&doc);
    }
    cr_expect_str_eq(json_type_name(JSON_MISSING), "nothing");
}

Test(json_read, refuses_what_json_check_refuses)
{
    static const char *const texts[] = {"", "{", "[1,]", "nul", "1 2", "{\"a\":\"\\ud800\"}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct json doc;
        struct error error = {.text = ""};
        cr_expect(!json_parse(&doc, slice_text(texts[i]), &limits, &error), "%s", texts[i]);
        cr_expect(error.text[0] != '\0');
    }
}

Test(json_read, answers_no_for_what_is_not_there)
{
    struct json doc = parse("{\"a\":1}");
    struct buffer out = BUFFER(10);
    bool flag;
    int64_t number;

    cr_expect_eq(json_type(&doc, JSON_NONE), JSON_MISSING);
    cr_expect_eq(json_get(&doc, JSON_NONE, "a"), JSON_NONE);
    cr_expect_eq(json_get(&doc, JSON_ROOT, "b"), JSON_NONE);
    cr_expect_eq(json_get(&doc, json_get(&doc, JSON_ROOT, "a"), "a"), JSON_NONE, "not an object");
    cr_expect_eq(json_first(&doc, JSON_NONE), JSON_NONE);
    cr_expect_eq(json_next(&doc, JSON_NONE), JSON_NONE);
    cr_expect_eq(json_key(&doc, JSON_NONE).length, 0);
    cr_expect_eq(json_length(&doc, JSON_NONE), 0);
    cr_expect_eq(json_raw(&doc, JSON_NONE).length, 0);
    cr_expect(!json_string(&doc, JSON_NONE, &out) && !json_string(&doc, JSON_ROOT, &out));
    cr_expect(!json_string_is(&doc, JSON_NONE, ""));
    cr_expect(!json_bool(&doc, JSON_NONE, &flag) && !json_bool(&doc, JSON_ROOT, &flag));
    cr_expect(!json_int(&doc, JSON_NONE, &number) && !json_int(&doc, JSON_ROOT, &number));
    cr_expect(json_unique_keys(&doc, JSON_NONE, NULL));
    json_clear(&doc);
    cr_expect_eq(json_type(&doc, JSON_ROOT), JSON_MISSING, "after clear");
    json_clear(&doc);
}

Test(json_read, finds_keys)
{
    struct json doc = parse("{\"a\":{\"x\":[1,{\"b\":9}]},\"b\":2,\"\\u0063\":3,\"d\\/e\":4,\"\":5,"
                            "\"b\":6,\"\\u0000\":7,\"f\":\"b\",\"\\ud83d\\ude00\":8}");
    static const struct {
        const char *key, *raw;
    } cases[] = {
        {"a", "{\"x\":[1,{\"b\":9}]}"},
        {"b", "2"}, // the first of two, and not the inner one
        {"c", "3"},
        {"d/e", "4"},
        {"", "5"},
        {"f", "\"b\""},
        {"\xf0\x9f\x98\x80", "8"},
        {"x", ""},
        {"A", ""},
        {"\\u0063", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect(slice_is(json_raw(&doc, json_get(&doc, JSON_ROOT, cases[i].key)), cases[i].raw),
                  "key %zu", i);
    int b = json_get(&doc, JSON_ROOT, "b"), c = json_get(&doc, JSON_ROOT, "c");
    int inner = json_get(&doc, json_get(&doc, JSON_ROOT, "a"), "x");
    cr_expect(json_key_is(&doc, b, "b") && json_key_is(&doc, c, "c"));
    cr_expect(!json_key_is(&doc, b, "c") && !json_key_is(&doc, c, "\\u0063"));
    cr_expect(!json_key_is(&doc, JSON_NONE, "") && !json_key_is(&doc, JSON_ROOT, ""));
    cr_expect(!json_key_is(&doc, json_first(&doc, inner), ""), "elements have no key");
    cr_expect_eq(json_length(&doc, inner), 2);
    cr_expect_eq(json_length(&doc, JSON_ROOT), 9);
    json_clear(&doc);
}

/* Writes the document again by walking it. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the texts of these tests */
static void rewrite(struct buffer *out, const struct json *doc, int node)
{
    enum json_type type = json_type(doc, node);
    size_t members = 0;

    if (type != JSON_ARRAY && type != JSON_OBJECT) {
        cr_expect_eq(json_first(doc, node), JSON_NONE);
        buffer_add_slice(out, json_raw(doc, node));
        return;
    }
    buffer_add_char(out, type == JSON_ARRAY ? '[' : '{');
    for (int n = json_first(doc, node); n != JSON_NONE; n = json_next(doc, n)) {
        if (members++ > 0)
            buffer_add_char(out, ',');
        if (type == JSON_OBJECT)
            buffer_add_format(out, "\"%.*s\":", SLICE_ARGS(json_key(doc, n)));
        else
            cr_expect_eq(json_key(doc, n).length, 0, "elements have no key");
        rewrite(out, doc, n);
    }
    cr_expect_eq(json_length(doc, node), members);
    buffer_add_char(out, type == JSON_ARRAY ? ']' : '}');
}

Test(json_read, walks)
{
    static const char *const texts[] = {
        "[]",
        "{}",
        "[1,2,3]",
        "[[],[[]],[[],[]]]",
        "[{},{},{\"a\":{}},[]]",
        "{\"a\":[],\"b\":{},\"c\":[{}],\"d\":\"x\",\"e\":null}",
        "{\"a\":{\"b\":{\"c\":[1,[2,[3]],{\"d\":4}]}},\"e\":[[[]]],\"f\":true}",
        "[\"a\",\"b\",[\"c\"],\"\"]",
        "{\"\":\"\",\"\\\"\":\"{}\",\"[\":\"]\"}",
        "[[[[[1],2],3],4],5]",
        "[1,[2,[3,[4,[5]]]]]",
        "\"bare\"",
        "17",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct json doc = parse(texts[i]);
        struct buffer out = BUFFER(1000);
        size_t tokens = 0;
        cr_expect(json_check(doc.text, &limits, &tokens, NULL));
        cr_expect_eq(tokens, (size_t)doc.count, "the bound of json_check is exact");
        rewrite(&out, &doc, JSON_ROOT);
        cr_expect_str_eq(buffer_text(&out), texts[i]);
        buffer_clear(&out);
        json_clear(&doc);
    }
    struct json doc = parse(" [ 1 , { \"a\" : [ ] , \"b\" : 2 } ,\n3 ] ");
    int second = json_next(&doc, json_first(&doc, JSON_ROOT));
    cr_expect(slice_is(json_raw(&doc, second), "{ \"a\" : [ ] , \"b\" : 2 }"));
    cr_expect(slice_is(json_raw(&doc, json_next(&doc, second)), "3"));
    json_clear(&doc);
}

Test(json_read, unescapes)
{
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"a\\u0041\\u00e9\\u20ac\\uFFFFz\"", "aA\xc3\xa9\xe2\x82\xac\xef\xbf\xbfz"},
        {"\"\\ud83d\\ude00\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"},
        {"\"\\udbff\\udfff\\ud800\\udc00\"", "\xf4\x8f\xbf\xbf\xf0\x90\x80\x80"},
        {"\"\\\\u0041\"", "\\u0041"},
        {"\"\xc3\xa9\"", "\xc3\xa9"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json doc = parse(cases[i].text);
        struct buffer out = BUFFER(100);
        cr_expect(json_string(&doc, JSON_ROOT, &out));
        cr_expect_str_eq(buffer_text(&out), cases[i].plain, "case %zu", i);
        cr_expect(json_string_is(&doc, JSON_ROOT, cases[i].plain), "case %zu", i);
        cr_expect(!json_string_is(&doc, JSON_ROOT, "other"));
        buffer_clear(&out);
        json_clear(&doc);
    }
    struct json doc = parse("\"a\\u0000b\"");
    struct buffer out = BUFFER(3);
    cr_expect(json_string(&doc, JSON_ROOT, &out));
    cr_expect(slice_equal(buffer_slice(&out), slice_make("a\0b", 3)), "NUL is a byte of it");
    cr_expect(!json_string_is(&doc, JSON_ROOT, "a"));
    cr_expect(json_string(&doc, JSON_ROOT, &out) && out.failed, "the buffer bounds it");
    buffer_clear(&out);
    json_clear(&doc);
}

Test(json_read, reads_booleans_and_integers)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"42", true, 42},
        {"-42", true, -42},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"18446744073709551616", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[1]", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json doc = parse(cases[i].text);
        int64_t value = 77;
        cr_expect_eq(json_int(&doc, JSON_ROOT, &value), cases[i].fits, "%s", cases[i].text);
        cr_expect_eq(value, cases[i].fits ? cases[i].value : 77, "%s", cases[i].text);
        json_clear(&doc);
    }
    struct json doc = parse("[true,false,\"true\",1]");
    bool value = false;
    int node = json_first(&doc, JSON_ROOT);
    cr_expect(json_bool(&doc, node, &value) && value);
    node = json_next(&doc, node);
    cr_expect(json_bool(&doc, node, &value) && !value);
    node = json_next(&doc, node);
    cr_expect(!json_bool(&doc, node, &value), "a string is no boolean");
    cr_expect(!json_bool(&doc, json_next(&doc, node), &value), "a number is no boolean");
    json_clear(&doc);
}

Test(json_read, finds_repeated_keys)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{}", NULL},
        {"{\"a\":1}", NULL},
        {"{\"a\":1,\"b\":2,\"ab\":3,\"\":4,\"A\":5}", NULL},
        {"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", NULL},
        {"{\"a\":\"b\",\"b\":\"a\"}", NULL},
        {"[{\"a\":1,\"a\":1}]", NULL}, // looks at the node itself only
        {"{\"a\":1,\"b\":2,\"a\":3}", "\"a\" is given twice"},
        {"{\"a\":1,\"\\u0061\":2}", "\"a\" is given twice"},
        {"{\"\":1,\"\":2}", "\"\" is given twice"},
        {"{\"\\u0061\\/\":1,\"\\u0061/\":2}", "\"a/\" is given twice"},
        {"{\"\\u0000\":1,\"\\u0000\\u0000\":2}", NULL},
        {"{\"x\":[{}],\"y\":{\"x\":1},\"z\":1,\"y\":0}", "\"y\" is given twice"},
        {"{\"\\n\":1,\"\\n\":2}", "\"?\" is given twice"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json doc = parse(cases[i].text);
        struct error error = {.text = ""};
        cr_expect_eq(json_unique_keys(&doc, JSON_ROOT, &error), cases[i].error == NULL, "case %zu",
                     i);
        cr_expect_str_eq(error.text, cases[i].error == NULL ? "" : cases[i].error, "case %zu", i);
        json_clear(&doc);
    }
}

static struct slice repeat(struct buffer *out, const char *open, const char *piece, size_t times)
{
    buffer_add_text(out, open);
    for (size_t i = 0; i < times; i++)
        buffer_add_format(out, "%s%s", i == 0 ? "" : ",", piece);
    buffer_add_char(out, ']');
    cr_assert(!out->failed);
    return buffer_slice(out);
}

/* Each would take minutes if its cost grew with the square of its length. */
Test(json_read, walks_long_arrays)
{
    char deep[121] = "";
    memset(deep, '[', 60);
    memset(deep + 60, ']', 60);
    const char *const pieces[] = {"0", "{}", "[]", "\"\"", "{\"a\":[{}]}", deep};

    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buffer text = BUFFER(2 << 20);
        size_t times = (1 << 20) / (strlen(pieces[i]) + 1), seen = 0;
        struct json doc;
        struct error error;
        struct slice all = repeat(&text, "[", pieces[i], times);
        cr_assert(json_parse(&doc, all, &limits, &error), "%s", error.text);
        for (int n = json_first(&doc, JSON_ROOT); n != JSON_NONE; n = json_next(&doc, n))
            seen++;
        cr_expect_eq(seen, times, "piece %zu: %zu", i, seen);
        json_clear(&doc);
        buffer_clear(&text);
    }
}

Test(json_read, compares_many_keys)
{
    struct buffer text = BUFFER(8 << 20);
    struct json doc;
    struct error error;

    buffer_add_char(&text, '{');
    for (int i = 0; i < 50000; i++)
        buffer_add_format(&text, "%s\"%s%d\":0", i == 0 ? "" : ",", i % 2 ? "k" : "\\u006b", i);
    buffer_add_text(&text, ",\"k1999\\u0039\":1}");
    cr_assert(json_parse(&doc, buffer_slice(&text), &limits, &error), "%s", error.text);
    cr_expect(!json_unique_keys(&doc, JSON_ROOT, &error));
    cr_expect_str_eq(error.text, "\"k19999\" is given twice");
    json_clear(&doc);
    buffer_clear(&text);
}
