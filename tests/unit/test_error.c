#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"

Test(error, keeps_one_clean_line)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"two\nlines\r\ttab \x1b[31m del\x7f", "two?lines??tab ?[31m del?"},
        {"Grüße, 日本", "Grüße, 日本"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error;
        cr_expect(!error_set(&error, "%s", cases[i].in), "always false");
        cr_expect_str_eq(error.text, cases[i].out, "case %zu: %s", i, error.text);
    }
}

Test(error, is_cut_between_characters)
{
    char text[600];
    struct error error;

    /* A two-byte character at each offset around the limit of 255 bytes. */
    for (size_t offset = 250; offset < 260; offset++) {
        memset(text, 'x', sizeof(text));
        memcpy(text + offset, "\xc3\xbc", 2);
        text[400] = '\0';
        error_set(&error, "%s", text);
        size_t length = strlen(error.text);
        cr_expect_eq(length, offset == 254 ? 254 : 255, "offset %zu: %zu", offset, length);
        cr_expect_neq(error.text[length - 1], '\xc3', "offset %zu ends in half of it", offset);
    }
    for (size_t offset = 250; offset < 256; offset++) {
        memset(text, 'x', sizeof(text));
        memcpy(text + offset, "\xf0\x9f\x98\x80", 4);
        text[400] = '\0';
        error_set(&error, "%s", text);
        cr_expect_eq(strlen(error.text), offset > 251 && offset < 255 ? offset : 255,
                     "four bytes at %zu: %zu", offset, strlen(error.text));
    }
}

Test(error, takes_prefixes)
{
    struct error error;
    char text[300];

    error_set(&error, "refused");
    cr_expect(!error_prefix(&error, "connect to %s", "[::1]:6379"));
    cr_expect_str_eq(error.text, "connect to [::1]:6379: refused");
    cr_expect(!error_set(&error, "again: %s", error.text));
    cr_expect_str_eq(error.text, "again: connect to [::1]:6379: refused", "its own text as source");

    memset(text, 'p', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    error_prefix(&error, "%s", text);
    cr_expect_eq(strlen(error.text), sizeof(error.text) - 1, "a long prefix is cut");
}

Test(error, may_be_null)
{
    cr_expect(!error_set(NULL, "%d", 1));
    cr_expect(!error_prefix(NULL, "%d", 1));
}
