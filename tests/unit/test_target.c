#include <criterion/criterion.h>

#include "webhook/target.h"

Test(target, reads)
{
    static const char id[] = "a b/%:\xc3\xa4";
    struct signature_subject subject = {
        .kind = "index", .id = slice_text(id), .call = 4294967296, .expires_s = 999999999999};
    struct signature_keys keys, none = {.count = 0};
    char signature[SIGNATURE_LENGTH + 1];
    struct buffer text = BUFFER(1024);
    struct slice path = slice_text("/webhooks/index");
    struct target_rules rules = {&keys, 999999999998}, late = {&keys, 999999999999},
                        unknown = {&none, 0};
    struct target target;
    struct error error;

    cr_assert(signature_keys_parse(&keys, slice_text("0123456789abcdef"), &error));
    signature_make(&keys, &subject, signature);
    buffer_add_text(&text, "x=1&n=4294967296&exp=999999999999&sig=");
    buffer_add_text(&text, signature);
    buffer_add_text(&text, "&id=a%20b%2f%25:%C3%A4&y");
    cr_expect_eq(target_read(&target, path, buffer_slice(&text), &rules), TARGET_GENUINE);
    cr_expect_str_eq(target.kind, "index");
    cr_expect_str_eq(buffer_text(&target.id), id);
    cr_expect_eq(target.call, 4294967296);
    cr_expect_eq(target.expires_s, 999999999999);
    target_clear(&target);
    cr_expect_eq(target_read(&target, path, buffer_slice(&text), &late), TARGET_EXPIRED);
    target_clear(&target);
    cr_expect_eq(target_read(&target, path, buffer_slice(&text), &unknown), TARGET_UNKNOWN);
    target_clear(&target);
    path = slice_text("/webhooks/upload");
    cr_expect_eq(target_read(&target, path, buffer_slice(&text), &rules), TARGET_WRONG);
    cr_expect_str_eq(target.kind, "upload", "a path of ours for all that");
    target_clear(&target);
    signature_keys_clear(&keys);
    buffer_clear(&text);
}

/* Whether there are keys or not. */
Test(target, refuses)
{
    static const struct {
        const char *path, *query;
    } cases[] = {
        {"/", ""},
        {"/webhooks/upload", ""},
        {"/webhooks/uploads", "id=a&n=1&exp=2&sig=0"},
        {"/webhooks/upload/", "id=a&n=1&exp=2&sig=0"},
        {"/webhooks/upload", "n=1&exp=2&sig=0"},
        {"/webhooks/upload", "id=&n=1&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&id=b&n=1&exp=2&sig=0"},
        {"/webhooks/upload", "id=a%&n=1&exp=2&sig=0"},
        {"/webhooks/upload", "id=a%00b&n=1&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=-1&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=01&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=1%30&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=12345678901&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=2"},
        {"/webhooks/upload", "id=a&n=1&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=02&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=-2&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=%32&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=2&exp=2&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=1234567890123&sig=0"},
        {"/webhooks/upload", "id=a&n=1&exp=2&sig=0&exp=2&sig=0"},
        {"/webhooks/upload",
         "n=1&exp=2&sig=0&id=0123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789012"
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789012"
         "012345678901234567890123456789"},
    };
    struct signature_keys none = {.count = 0};
    struct target_rules rules = {&none, 0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct target target;
        cr_expect_eq(
            target_read(&target, slice_text(cases[i].path), slice_text(cases[i].query), &rules),
            TARGET_WRONG, "case %zu", i);
        target_clear(&target);
    }
}
