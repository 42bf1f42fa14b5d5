/* Every vector of JSON and its verdict, in one table that the test prints. Classes:
 *     y  RFC 8259 says that it is JSON: taken
 *     n  it says that it is not: refused
 *     i  it leaves it to the reader: what we do, and why
 * y and n are also put to jansson, which must agree. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/json_read.h"
#include "second_json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T(literal)   literal, sizeof(literal) - 1

enum { MAX_BYTES = 4 << 20, SHOWN = 40 };

static const struct json_limits limits = {.max_bytes = MAX_BYTES, .max_depth = 64};

/* The text is `open` so many times, `text`, and `close` as often. */
struct vector {
    char class;
    bool taken;
    const char *what;
    const char *text;
    size_t length;
    const char *error; /* of what is refused; NULL: any */
    size_t times;
    const char *open, *close;
};

#define Y(what, text)                                                                              \
    {                                                                                              \
        'y', true, what, T(text), NULL, 0, "", ""                                                  \
    }
#define N(what, text, error)                                                                       \
    {                                                                                              \
        'n', false, what, T(text), error, 0, "", ""                                                \
    }
#define TAKES(what, text)                                                                          \
    {                                                                                              \
        'i', true, what, T(text), NULL, 0, "", ""                                                  \
    }
#define REFUSES(what, text, error)                                                                 \
    {                                                                                              \
        'i', false, what, T(text), error, 0, "", ""                                                \
    }
#define MANY(class, taken, what, text, error, times, open, close)                                  \
    {                                                                                              \
        class, taken, what, T(text), error, times, open, close                                     \
    }

#define TEN(x) x x x x x x x x x x
#define DEEP   "nested deeper than 64 levels at byte "

/* One row is one line, so that it reads as a table. */
/* clang-format off */
static const struct vector vectors[] = {
    /* the text as a whole */
    Y("null", "null"),
    Y("true", "true"),
    Y("false", "false"),
    Y("a number", "42"),
    Y("a string", "\"text\""),
    Y("an empty array", "[]"),
    Y("an empty object", "{}"),
    Y("white space of all kinds around", " \t\r\n[ 1 , 2 ] \n"),
    Y("white space in an empty array", "[ ]"),
    Y("white space in an empty object", "{\t}"),
    Y("white space around a colon", "{\"a\" : 1 , \"b\"\n:\r2}"),
    Y("a line end behind", "1\n"),
    N("nothing", "", "unexpected end at byte 0"),
    N("only white space", "  ", "unexpected end at byte 2"),
    N("form feed before", "\f1", "unexpected byte 0x0c at byte 0"),
    N("vertical tab behind", "1\v", "unexpected byte 0x0b at byte 1"),
    N("no-break space before", "\xc2\xa0[]", "unexpected byte 0xc2 at byte 0"),
    N("U+2028 between", "[1,\xe2\x80\xa8 2]", "unexpected byte 0xe2 at byte 3"),
    N("word joiner before", "\xe2\x81\xa0[]", "unexpected byte 0xe2 at byte 0"),
    N("two values", "1 2", "unexpected '2' at byte 2"),
    N("two objects", "{}{}", "unexpected '{' at byte 2"),
    N("a comma behind", "1,", "unexpected ',' at byte 1"),
    N("a closing bracket too many", "[]]", "unexpected ']' at byte 2"),
    N("a closing bracket alone", "]", "unexpected ']' at byte 0"),
    N("a line comment", "// x\n1", "unexpected '/' at byte 0"),
    N("a block comment", "[1]/**/", "unexpected '/' at byte 3"),
    N("a hash comment", "{} # x", "unexpected '#' at byte 3"),
    N("HTML", "<html>", "unexpected '<' at byte 0"),
    N("a colon before", ":{}", "unexpected ':' at byte 0"),
    N("a comma before", ",{}", "unexpected ',' at byte 0"),
    N("NUL alone", "\0", "unexpected byte 0x00 at byte 0"),
    N("NUL before", "\0" "1", NULL),
    N("NUL behind", "{}\0", "unexpected byte 0x00 at byte 2"),
    N("NUL behind a number", "1\0", "unexpected byte 0x00 at byte 1"),
    N("NUL in an array", "[\0]", "unexpected byte 0x00 at byte 1"),
    N("a bad byte in an array", "[\xff]", "unexpected byte 0xff at byte 1"),
    REFUSES("byte order mark: a sender must not add one", "\xef\xbb\xbf{}", "unexpected byte 0xef at byte 0"),
    REFUSES("half a byte order mark", "\xef\xbb{}", "unexpected byte 0xef at byte 0"),
    REFUSES("UTF-16, little end first, with mark", "\xff\xfe[\0]\0", "unexpected byte 0xff at byte 0"),
    REFUSES("UTF-16, big end first", "\0[\0]", "unexpected byte 0x00 at byte 0"),
    /* words */
    N("a word cut", "nul", "unexpected end at byte 3"),
    N("a word in another case", "nulL", "unexpected 'L' at byte 3"),
    N("a word with a tail", "nullx", "unexpected 'x' at byte 4"),
    N("a capital word", "True", "unexpected 'T' at byte 0"),
    N("a word in an array cut", "[fals]", "unexpected ']' at byte 5"),
    N("NaN", "NaN", "unexpected 'N' at byte 0"),
    N("nan", "nan", "unexpected 'a' at byte 1"),
    N("Infinity", "Infinity", "unexpected 'I' at byte 0"),
    N("minus Infinity", "-Infinity", "unexpected 'I' at byte 1"),
    N("undefined", "undefined", "unexpected 'u' at byte 0"),
    /* numbers */
    Y("zero", "0"),
    Y("minus zero", "-0"),
    Y("minus zero with a fraction", "-0.0"),
    Y("negative", "-17"),
    Y("a fraction", "1.5"),
    Y("zeros at the end", "1.5000"),
    Y("an exponent", "1e2"),
    Y("a capital exponent with plus", "1E+2"),
    Y("a negative exponent", "0.5e-7"),
    Y("zeros in an exponent", "1e0007"),
    Y("an exponent of zero", "0e0"),
    Y("zero with exponent and fraction", "0.0e+0"),
    Y("largest of 64 bits", "9223372036854775807"),
    Y("all parts in an array", "[-1.5e+10]"),
    Y("close to zero", "0.00000000000000000000000000000000000000001"),
    N("leading zero", "01", "unexpected '1' at byte 1"),
    N("leading zero, negative", "-01", "unexpected '1' at byte 2"),
    N("two zeros", "00", "unexpected '0' at byte 1"),
    N("a minus alone", "-", "unexpected end at byte 1"),
    N("a plus", "+1", "unexpected '+' at byte 0"),
    N("two signs", "--1", "unexpected '-' at byte 1"),
    N("a minus apart", "- 1", "unexpected byte 0x20 at byte 1"),
    N("no digit before the point", ".5", "unexpected '.' at byte 0"),
    N("nor behind a minus", "-.5", "unexpected '.' at byte 1"),
    N("no digit behind the point", "1.", "unexpected end at byte 2"),
    N("an exponent behind the point", "1.e1", "unexpected 'e' at byte 2"),
    N("no exponent", "1e", "unexpected end at byte 2"),
    N("no exponent behind its sign", "1e+", "unexpected end at byte 3"),
    N("two signs of an exponent", "1e+-2", "unexpected '-' at byte 3"),
    N("a fraction in the exponent", "1e2.5", "unexpected '.' at byte 3"),
    N("two exponents", "1e2e3", "unexpected 'e' at byte 3"),
    N("two points", "1.2.3", "unexpected '.' at byte 3"),
    N("hexadecimal", "0x10", "unexpected 'x' at byte 1"),
    N("octal", "0o7", "unexpected 'o' at byte 1"),
    N("underscore", "1_000", "unexpected '_' at byte 1"),
    N("a letter behind", "1a", "unexpected 'a' at byte 1"),
    N("side by side", "[1-2]", "unexpected '-' at byte 2"),
    N("digits that are not ASCII", "\xef\xbc\x91", "unexpected byte 0xef at byte 0"),
    N("a comma for a point", "{\"a\":1,5}", "unexpected '5' at byte 7"),
    TAKES("over the range of a double: kept as text", "1e999"),
    TAKES("under its range", "-1e999"),
    TAKES("too small for it", "1e-999"),
    TAKES("over 64 bits: kept as text", "9223372036854775808"),
    TAKES("far over 64 bits", "-123456789012345678901234567890"),
    TAKES("an exponent of many digits", "0.4e00669999999999999999999999999999999999"),
    TAKES("more digits than a double has", "1.000000000000000000000000000000001"),
    /* strings */
    Y("empty", "\"\""),
    Y("all short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    Y("escapes of characters", "\"\\u0041\\u00e9\\uFFFF\""),
    Y("an escaped NUL", "\"\\u0000\""),
    Y("an escaped control byte", "\"\\u001f\""),
    Y("hex digits of either case", "\"\\uaBcD\""),
    Y("a pair of surrogates", "\"\\ud83d\\ude00\""),
    Y("the first and the last pair", "\"\\uD800\\uDC00 \\udbff\\udfff\""),
    Y("a backslash, not an escape", "\"\\\\ud800\""),
    Y("DEL", "\"\x7f\""),
    Y("a slash", "\"/\""),
    Y("2, 3 and 4 bytes of UTF-8", "\"\xc3\xbc \xe6\x97\xa5 \xf0\x9f\x98\x80\""),
    Y("the largest code point", "\"\xf4\x8f\xbf\xbf\""),
    Y("code points around the surrogates", "\"\xed\x9f\xbf\xee\x80\x80\""),
    Y("U+2028 and U+2029", "\"\xe2\x80\xa8\xe2\x80\xa9\""),
    Y("a byte order mark inside is text", "\"\xef\xbb\xbf\""),
    Y("non-characters", "\"\xef\xbf\xbe\xef\xb7\x90\xf0\x9f\xbf\xbf\""),
    Y("non-characters, escaped", "\"\\uffff\\ufdd0\\udbff\\udfff\""),
    Y("brackets and commas", "\"[{,}]:\""),
    Y("a comment", "\"/*a*/\""),
    N("not closed", "\"", "unexpected end at byte 1"),
    N("not closed behind text", "\"a", "unexpected end at byte 2"),
    N("cut in an escape", "\"\\", "unexpected end at byte 2"),
    N("closed by an escape only", "\"\\\"", "unexpected end at byte 3"),
    N("single quotes", "'a'", "unexpected ''' at byte 0"),
    N("unknown escape", "\"\\x\"", "unexpected 'x' at byte 2"),
    N("escaped quote of the other kind", "\"\\'\"", "unexpected ''' at byte 2"),
    N("\\v", "\"\\v\"", "unexpected 'v' at byte 2"),
    N("\\0", "\"\\0\"", "unexpected '0' at byte 2"),
    N("\\U", "\"\\U0041\"", "unexpected 'U' at byte 2"),
    N("no hex digits", "\"\\u\"", "unexpected '\"' at byte 3"),
    N("text ends in hex digits", "\"\\u004", "unexpected end at byte 6"),
    N("three hex digits", "\"\\u004\"", "unexpected '\"' at byte 6"),
    N("no hex digit", "\"\\u004g\"", "unexpected 'g' at byte 6"),
    N("a sign among hex digits", "\"\\u+041\"", "unexpected '+' at byte 3"),
    N("a line end", "\"a\nb\"", "control byte 0x0a in a string at byte 2"),
    N("a tab", "\"\t\"", "control byte 0x09 in a string at byte 1"),
    N("0x1f", "\"\x1f\"", "control byte 0x1f in a string at byte 1"),
    N("NUL", "\"\0\"", "control byte 0x00 in a string at byte 1"),
    N("an escaped line end", "\"\\\n\"", "unexpected byte 0x0a at byte 2"),
    N("an escaped NUL byte", "\"\\\0\"", "unexpected byte 0x00 at byte 2"),
    N("an escaped high byte", "\"\\\xc3\xa9\"", "unexpected byte 0xc3 at byte 2"),
    N("UTF-8: 0xff", "\"\xff\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: a lone tail", "\"\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: 2 bytes for one, a slash", "\"\xc0\xaf\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: 2 bytes for one, NUL", "\"\xc0\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: 3 bytes for one", "\"\xe0\x80\xaf\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: 4 bytes for three", "\"\xf0\x80\x80\xaf\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: a surrogate", "\"\xed\xa0\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: a pair of surrogates", "\"\xed\xa0\x80\xed\xb0\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: over U+10FFFF", "\"\xf4\x90\x80\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: 5 bytes", "\"\xf8\x88\x80\x80\x80\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: Latin-1", "\"\xe9\"", "invalid UTF-8 at byte 1"),
    N("UTF-8: cut by the quote", "\"a\xc3\"", "invalid UTF-8 at byte 2"),
    N("UTF-8: cut by the end", "\"\xe2\x82", "invalid UTF-8 at byte 1"),
    N("UTF-8: broken in a key", "{\"\xff\":0}", "invalid UTF-8 at byte 2"),
    REFUSES("lone surrogate, high: no UTF-8 can say it", "\"\\ud800\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, low", "\"\\udc00\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, high, then text", "\"\\ud800x\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, high, then an escape", "\"\\ud800\\n\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, high, then no surrogate", "\"\\ud800\\u0041\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, high twice", "\"\\ud800\\ud800\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, low twice", "\"\\udc00\\udc00\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, high, then U+E000", "\"\\ud800\\ue000\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate, the wrong way round", "\"\\udc00\\ud800\"", "lone surrogate at byte 1"),
    REFUSES("lone surrogate behind a pair", "\"\\ud800\\udc00\\udc00\"", "lone surrogate at byte 13"),
    N("half an escape behind a high surrogate", "\"\\ud800\\u\"", "unexpected '\"' at byte 9"),
    /* arrays */
    Y("one of each type", "[1,\"a\",null,true,{\"b\":[]}]"),
    Y("arrays in arrays", "[[],[[]],{}]"),
    Y("the same twice", "[1,1]"),
    N("not closed", "[", "unexpected end at byte 1"),
    N("not closed behind a value", "[1", "unexpected end at byte 2"),
    N("ends in a comma", "[1,", "unexpected end at byte 3"),
    N("comma before the bracket", "[1,]", "unexpected ']' at byte 3"),
    N("a comma alone", "[,]", "unexpected ',' at byte 1"),
    N("a comma first", "[,1]", "unexpected ',' at byte 1"),
    N("two commas", "[1,,2]", "unexpected ',' at byte 3"),
    N("no comma", "[1 2]", "unexpected '2' at byte 3"),
    N("no comma between arrays", "[[][]]", "unexpected '[' at byte 3"),
    N("a semicolon", "[1;2]", "unexpected ';' at byte 2"),
    N("the wrong bracket", "[1}", "unexpected '}' at byte 2"),
    N("a member", "[\"a\":1]", "unexpected ':' at byte 4"),
    N("round brackets", "(1)", "unexpected '(' at byte 0"),
    N("three dots", "[1,...]", "unexpected '.' at byte 3"),
    /* objects */
    Y("one member", "{\"a\":1}"),
    Y("several and nested", "{\"a\" : 1 , \"b\" : { \"c\" : [ ] } }"),
    Y("an empty key", "{\"\":0}"),
    Y("an escaped key", "{\"\\u0061\\n\":0}"),
    Y("a NUL in a key", "{\"\\u0000\":0}"),
    Y("keys that differ in case", "{\"a\":0,\"A\":0}"),
    TAKES("a key twice: fields_check() refuses it in items", "{\"a\":1,\"a\":2}"),
    TAKES("a key twice, once escaped", "{\"a\":1,\"\\u0061\":2}"),
    TAKES("a member twice", "{\"a\":1,\"a\":1}"),
    N("not closed", "{", "unexpected end at byte 1"),
    N("ends behind a key", "{\"a\"", "unexpected end at byte 4"),
    N("a key alone", "{\"a\"}", "unexpected '}' at byte 4"),
    N("ends behind the colon", "{\"a\":", "unexpected end at byte 5"),
    N("no value", "{\"a\":}", "unexpected '}' at byte 5"),
    N("ends behind a value", "{\"a\":1", "unexpected end at byte 6"),
    N("ends in a comma", "{\"a\":1,", "unexpected end at byte 7"),
    N("comma before the bracket", "{\"a\":1,}", "unexpected '}' at byte 7"),
    N("two commas", "{\"a\":1,,\"b\":2}", "unexpected ',' at byte 7"),
    N("a comma alone", "{,}", "unexpected ',' at byte 1"),
    N("no colon", "{\"a\" \"b\"}", "unexpected '\"' at byte 5"),
    N("no comma", "{\"a\":1 \"b\":2}", "unexpected '\"' at byte 7"),
    N("two colons", "{\"a\"::1}", "unexpected ':' at byte 5"),
    N("two values", "{\"a\":\"b\":\"c\"}", "unexpected ':' at byte 8"),
    N("a comma for a colon", "{\"a\",1}", "unexpected ',' at byte 4"),
    N("an equals sign", "{\"a\"=1}", "unexpected '=' at byte 4"),
    N("a number for a key", "{1:2}", "unexpected '1' at byte 1"),
    N("a bare key", "{a:1}", "unexpected 'a' at byte 1"),
    N("a word for a key", "{null:1}", "unexpected 'n' at byte 1"),
    N("an array for a key", "{[]:1}", "unexpected '[' at byte 1"),
    N("a key in single quotes", "{'a':1}", "unexpected ''' at byte 1"),
    N("the wrong bracket", "{\"a\":1]", "unexpected ']' at byte 6"),
    N("a line end in a key", "{\"a\n\":1}", "control byte 0x0a in a string at byte 3"),
    N("a comment between", "{\"a\":/**/1}", "unexpected '/' at byte 5"),
    N("an emoji for a key", "{\xf0\x9f\x98\x80:1}", "unexpected byte 0xf0 at byte 1"),
    /* size and depth */
    MANY('y', true, "64 arrays deep", "0", NULL, 64, "[", "]"),
    MANY('y', true, "64 objects deep", "0", NULL, 64, "{\"a\":", "}"),
    MANY('y', true, "32 of both deep", "0", NULL, 32, "[{\"a\":", "}]"),
    Y("100 arrays side by side", "[" TEN(TEN("[],")) "0]"),
    Y("100 objects side by side", "[" TEN(TEN("{\"a\":{}},")) "0]"),
    MANY('i', false, "65 arrays deep: recursion has a bound", "0", DEEP "64", 65, "[", "]"),
    MANY('i', false, "65 objects deep", "0", DEEP "320", 65, "{\"a\":", "}"),
    MANY('i', false, "a million arrays deep", "0", DEEP "64", 1000000, "[", "]"),
    MANY('n', false, "a million arrays that are not closed", "", DEEP "64", 1000000, "[", ""),
    MANY('y', true, "much white space", "0", NULL, 1000000, " ", "\n"),
    MANY('y', true, "a number of many digits", "1", NULL, 1000, "", "0"),
};
/* clang-format on */

static struct buffer text_of(const struct vector *vector)
{
    struct buffer text = BUFFER(MAX_BYTES);

    for (size_t i = 0; i < vector->times; i++)
        buffer_add_text(&text, vector->open);
    buffer_add(&text, vector->text, vector->length);
    for (size_t i = 0; i < vector->times; i++)
        buffer_add_text(&text, vector->close);
    cr_assert(!text.failed);
    return text;
}

/* What is visible as it is, the rest in hex. */
static void print_row(const struct vector *vector, struct slice text, const char *verdict)
{
    (void)printf("%c  %-7s  %-48s ", vector->class, verdict, vector->what);
    for (size_t i = 0; i < text.length && i < SHOWN; i++) {
        unsigned char c = (unsigned char)text.data[i];
        (void)printf(c >= ' ' && c <= '~' ? "%c" : "<%02x>", c);
    }
    (void)printf(text.length > SHOWN ? "... (%zu bytes)\n" : "\n", text.length);
}

Test(json_vectors, every_vector_has_its_verdict)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct buffer text = text_of(v);
        struct error error = {.text = ""};
        bool taken = json_check(buffer_slice(&text), &limits, NULL, &error);
        print_row(v, buffer_slice(&text), taken ? "taken" : "refused");
        cr_expect_eq(taken, v->taken, "%s: %s", v->what, error.text);
        if (!v->taken && v->error != NULL)
            cr_expect_str_eq(error.text, v->error, "%s: %s", v->what, error.text);
        cr_expect(v->class == 'i' || v->taken == (v->class == 'y'), "%s", v->what);
        buffer_clear(&text);
    }
    (void)fflush(stdout);
}

Test(json_vectors, jansson_agrees_where_the_rfc_decides)
{
    unsigned asked = 0;

    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct buffer text = text_of(v);
        if (v->class != 'i') {
            struct second_json second = second_json_read(buffer_slice(&text), NULL);
            cr_expect_eq(second.verdict, v->taken ? SECOND_TAKES : SECOND_REFUSES, "%s", v->what);
            asked++;
        }
        buffer_clear(&text);
    }
    cr_expect_gt(asked, COUNT(vectors) / 2);
}

Test(json_vectors, what_is_taken_can_be_read)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct buffer text = text_of(&vectors[i]);
        struct json doc;
        size_t tokens;
        if (vectors[i].taken) {
            cr_assert(json_check(buffer_slice(&text), &limits, &tokens, NULL));
            cr_assert(json_parse(&doc, buffer_slice(&text), &limits, NULL), "%s", vectors[i].what);
            cr_expect_eq(doc.count, (int)tokens, "%s", vectors[i].what);
            json_clear(&doc);
        }
        buffer_clear(&text);
    }
}

/* A value is one wherever it stands; and what is none does not become one inside of another. */
Test(json_vectors, a_verdict_does_not_depend_on_the_place)
{
    static const char *const around[][2] = {{"[", "]"}, {"{\"k\":", "}"}, {"[0,", ",0]"}};

    for (size_t i = 0; i < COUNT(vectors) * COUNT(around); i++) {
        const struct vector *v = &vectors[i / COUNT(around)];
        const char *const *pair = around[i % COUNT(around)];
        struct buffer text = BUFFER(MAX_BYTES);
        /* Nothing is no value, but between brackets it makes an empty array. */
        if (v->times > 0 || slice_trim(slice_make(v->text, v->length)).length == 0)
            continue;
        buffer_add_text(&text, pair[0]);
        buffer_add(&text, v->text, v->length);
        buffer_add_text(&text, pair[1]);
        cr_expect_eq(json_check(buffer_slice(&text), &limits, NULL, NULL), v->taken, "%s", v->what);
        buffer_clear(&text);
    }
}
