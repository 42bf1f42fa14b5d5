#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/slice.h"

#define EMPTY slice_make(NULL, 0)

Test(slice, compares)
{
    static const struct {
        const char *a, *b;
        bool equal, starts, nocase, contains_nocase;
    } cases[] = {
        {"", "", true, true, true, true},
        {"abc", "abc", true, true, true, true},
        {"abc", "ABC", false, false, true, true},
        {"abc", "ab", false, true, false, true},
        {"ab", "abc", false, false, false, false},
        {"abc", "", false, true, false, true},
        {"Already EXISTS.", "already exists", false, false, false, true},
        {"xxab", "AB", false, false, false, true},
        {"a", "b", false, false, false, false},
        {"[", "{", false, false, false, false}, // differ by the case bit, are no letters
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice a = slice_text(cases[i].a);
        const char *b = cases[i].b;
        cr_expect_eq(slice_is(a, b), cases[i].equal, "is %zu", i);
        cr_expect_eq(slice_equal(a, slice_text(b)), cases[i].equal, "equal %zu", i);
        cr_expect_eq(slice_starts_with(a, b), cases[i].starts, "starts %zu", i);
        cr_expect_eq(slice_is_nocase(a, b), cases[i].nocase, "nocase %zu", i);
        cr_expect_eq(slice_contains_nocase(a, b), cases[i].contains_nocase, "contains %zu", i);
    }
    cr_expect(slice_equal(EMPTY, slice_text("")), "empty is empty");
    cr_expect(slice_is(EMPTY, "") && slice_starts_with(EMPTY, ""));
    cr_expect(!slice_is(slice_make("a\0b", 3), "a"), "NUL is a byte");
    cr_expect_eq(slice_text(NULL).length, 0);
}

Test(slice, finds_and_cuts)
{
    struct slice s = slice_text("key=value");

    cr_expect_eq(slice_find(s, '='), 3);
    cr_expect_eq(slice_find(s, '#'), 9, "not there");
    cr_expect_eq(slice_find(EMPTY, 'a'), 0);
    cr_expect(slice_is(slice_skip(s, 4), "value"));
    cr_expect(slice_is(slice_skip(s, 9), ""));
    cr_expect(slice_is(slice_skip(s, 99), ""), "clamped");
    cr_expect(slice_is(slice_skip(EMPTY, 99), ""));
    cr_expect(slice_is(slice_head(s, 3), "key"));
    cr_expect(slice_is(slice_head(s, 99), "key=value"), "clamped");
}

Test(slice, trims)
{
    static const char *const cases[][2] = {
        {"", ""}, {" \t\r\n", ""}, {" a ", "a"}, {"a b", "a b"}, {"\r\n a\t", "a"}, {"\va", "\va"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect(slice_is(slice_trim(slice_text(cases[i][0])), cases[i][1]), "case %zu", i);
    cr_expect_eq(slice_trim(EMPTY).length, 0);
}

Test(slice, reads_numbers)
{
    static const struct {
        const char *text;
        bool fits;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"42", true, 42},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1x", false, 0},
        {"0x10", false, 0},
        {"1.0", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 77;
        cr_expect_eq(slice_to_u64(slice_text(cases[i].text), &value), cases[i].fits, "%s",
                     cases[i].text);
        cr_expect_eq(value, cases[i].fits ? cases[i].value : 77, "value of %s", cases[i].text);
    }
}

Test(slice, copies)
{
    char *copy = slice_copy(slice_head(slice_text("abcdef"), 3));
    char *empty = slice_copy(EMPTY);
    cr_expect_str_eq(copy, "abc");
    cr_expect_str_eq(empty, "");
    free(copy);
    free(empty);
}
