#include <criterion/criterion.h>
#include <string.h>

#include "base/utf8.h"

Test(utf8, accepts_exactly_the_well_formed)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},             // a continuation
        {"\xbf", 0},             // likewise
        {"\xc0\x80", 0},         // overlong NUL
        {"\xc1\xbf", 0},         // overlong
        {"\xc2\x80", 2},         // U+0080
        {"\xdf\xbf", 2},         // U+07FF
        {"\xc2", 0},             // cut
        {"\xc2g", 0},            // no continuation
        {"\xe0\x9f\xbf", 0},     // overlong
        {"\xe0\xa0\x80", 3},     // U+0800
        {"\xed\x9f\xbf", 3},     // U+D7FF
        {"\xed\xa0\x80", 0},     // U+D800
        {"\xed\xbf\xbf", 0},     // U+DFFF
        {"\xee\x80\x80", 3},     // U+E000
        {"\xef\xbf\xbf", 3},     // U+FFFF
        {"\xe2\x82", 0},         // cut
        {"\xe2\x82g", 0},        // no continuation
        {"\xf0\x8f\xbf\xbf", 0}, // overlong
        {"\xf0\x90\x80\x80", 4}, // U+10000
        {"\xf4\x8f\xbf\xbf", 4}, // U+10FFFF
        {"\xf4\x90\x80\x80", 0}, // U+110000
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_eq(utf8_sequence(slice_text(cases[i].bytes)), cases[i].length, "case %zu", i);
    cr_expect_eq(utf8_sequence(slice_make("", 1)), 1, "NUL");
    cr_expect_eq(utf8_sequence(slice_make(NULL, 0)), 0, "nothing");
}

Test(utf8, cuts_between_sequences)
{
    static const struct {
        const char *text;
        size_t maximum, length;
    } cases[] = {
        {"abc", 3, 3},
        {"abc", 2, 2},
        {"a\xc3\xbcz", 2, 1},
        {"a\xc3\xbcz", 3, 3},
        {"\xe2\x82\xac", 2, 0},
        {"\xf0\x9f\x98\x80", 3, 0},
        {"\xf0\x9f\x98\x80", 1, 0},
        {"\xf0\x9f\x98\x80", 4, 4},
        {"\xff\xff\xff\xff", 2, 2}, // not UTF-8: cut anywhere
        {"abc", 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_eq(utf8_head(slice_text(cases[i].text), cases[i].maximum).length, cases[i].length,
                     "case %zu", i);
}

Test(utf8, encodes_what_it_accepts)
{
    static const uint32_t codes[] = {0,      0x41,   0x7f,   0x80,    0x7ff,   0x800,
                                     0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char bytes[4];
        size_t length = utf8_encode(codes[i], bytes);
        cr_expect_eq(utf8_sequence(slice_make(bytes, length)), length, "U+%04X",
                     (unsigned)codes[i]);
    }
    char euro[4];
    cr_expect_eq(utf8_encode(0x20ac, euro), 3);
    cr_expect(memcmp(euro, "\xe2\x82\xac", 3) == 0);
}
