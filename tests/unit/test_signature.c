#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/signature.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct signature_keys keys_of(const char *secrets)
{
    struct signature_keys keys;
    struct error error;
    cr_assert(signature_keys_parse(&keys, slice_text(secrets), &error), "%s", error.text);
    return keys;
}

/* Each made with: printf 'KIND\nID\nCALL\nEXPIRY' | openssl dgst -sha256 -hmac SECRET */
Test(signature, has_the_known_values)
{
    static const struct {
        const char *secret, *kind, *id;
        uint64_t call, expires_s;
        const char *signature;
    } cases[] = {
        {"0123456789abcdef", "upload", "my-17", 1, 1800000000, "114560e01c77d1475f8644a1f2d1a145"},
        {"second-secret-0123456789", "upload", "my-17", 1, 1800000000,
         "350020d63570dd48039476bc284c652b"},
        {"0123456789abcdef", "index", "a:b.c", UINT64_MAX, UINT64_MAX,
         "db300eb33f9e74d08d5a601a32960e46"},
        {"second-secret-0123456789", "index", "a:b.c", UINT64_MAX, UINT64_MAX,
         "23a5315e16b9fbcda4093c837b2bf6d6"},
        {"0123456789abcdef", "upload", "", 0, 0, "a31f892db47772731d5cbb6114b9b5a5"},
        {"second-secret-0123456789", "upload", "", 0, 0, "5caa11035c64fef1f4f15acee683f6c3"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct signature_keys keys = keys_of(cases[i].secret);
        struct signature_subject subject = {cases[i].kind, slice_text(cases[i].id), cases[i].call,
                                            cases[i].expires_s};
        char made[SIGNATURE_LENGTH + 1];
        signature_make(&keys, &subject, made);
        cr_expect_str_eq(made, cases[i].signature, "case %zu", i);
        cr_expect(signature_verify(&keys, &subject, slice_text(made)), "case %zu", i);
        signature_keys_clear(&keys);
    }
}

Test(signature, stands_in_a_target)
{
    struct signature_keys keys = keys_of("0123456789abcdef");
    struct signature_subject subject = {"index", slice_text("a/b c"), 12, 4000000000};
    struct buffer target = BUFFER(1024);

    signature_add_target(&target, &keys, &subject);
    cr_expect_str_eq(buffer_text(&target), "/webhooks/index?id=a%2Fb%20c&n=12&exp=4000000000&sig="
                                           "896d01a6223a2477389595a397dcfc41");
    buffer_clear(&target);
    signature_keys_clear(&keys);
}

Test(signature, verifies_nothing_else)
{
    struct signature_keys keys = keys_of("0123456789abcdef");
    struct signature_subject subject = {"upload", slice_text("my-17"), 1, 1800000000};
    static const char *const wrong[] = {
        "",
        "114560e01c77d1475f8644a1f2d1a14",
        "114560e01c77d1475f8644a1f2d1a1450",
        "114560E01C77D1475F8644A1F2D1A145",
        "00000000000000000000000000000000",
        "114560e01c77d1475f8644a1f2d1a14574ba4bd612209c6d31a92db43ec21fb0",
    };
    for (size_t i = 0; i < COUNT(wrong); i++)
        cr_expect(!signature_verify(&keys, &subject, slice_text(wrong[i])), "case %zu", i);
    cr_expect(!signature_verify(&keys, &subject, slice_make(NULL, 0)));

    char made[SIGNATURE_LENGTH + 1];
    signature_make(&keys, &subject, made);
    for (size_t i = 0; i < SIGNATURE_LENGTH; i++) {
        char original = made[i];
        made[i] = original == '0' ? '1' : '0';
        cr_expect(!signature_verify(&keys, &subject, slice_text(made)), "digit %zu", i);
        made[i] = original;
    }
    const struct signature_subject others[] = {
        {"index", slice_text("my-17"), 1, 1800000000},
        {"upload", slice_text("my-18"), 1, 1800000000},
        {"upload", slice_text("my-17"), 2, 1800000000},
        {"upload", slice_text("my-17"), 1, 1800000001},
        {"upload", slice_text("my-17"), 11, 800000000},
        {"upload", slice_text("my-17\n1"), 1800000000, 0},
        {"upload", slice_text("my-1"), 71, 1800000000},
        {"upload", slice_make("my-17\0", 6), 1, 1800000000},
    };
    for (size_t i = 0; i < COUNT(others); i++)
        cr_expect(!signature_verify(&keys, &others[i], slice_text(made)), "subject %zu", i);

    static char huge[1 << 17];
    memset(huge, 'x', sizeof(huge));
    struct signature_subject too_long = {"upload", slice_make(huge, sizeof(huge)), 1, 1800000000};
    cr_expect(!signature_verify(&keys, &too_long, slice_text(made)), "an endless id");
    signature_keys_clear(&keys);
}

Test(signature, rotates_secrets)
{
    struct signature_keys old = keys_of("0123456789abcdef");
    struct signature_keys both = keys_of("second-secret-0123456789 , 0123456789abcdef");
    struct signature_keys fresh = keys_of("second-secret-0123456789");
    struct signature_subject subject = {"upload", slice_text("my-17"), 1, 1800000000};
    char by_old[SIGNATURE_LENGTH + 1], by_both[SIGNATURE_LENGTH + 1];

    cr_expect_eq(both.count, 2);
    signature_make(&old, &subject, by_old);
    signature_make(&both, &subject, by_both);
    cr_expect(signature_verify(&both, &subject, slice_text(by_old)));
    cr_expect(signature_verify(&both, &subject, slice_text(by_both)));
    cr_expect(signature_verify(&fresh, &subject, slice_text(by_both)), "the first one signs");
    cr_expect(!signature_verify(&old, &subject, slice_text(by_both)));
    cr_expect(!signature_verify(&fresh, &subject, slice_text(by_old)));
    signature_keys_clear(&old);
    signature_keys_clear(&both);
    signature_keys_clear(&fresh);
    cr_expect_eq(fresh.count, 0);
    cr_expect(!signature_verify(&fresh, &subject, slice_text(by_both)), "no keys, no signature");
}

Test(signature, refuses_bad_secrets_without_quoting_them)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "secret 1 is shorter than 16 bytes"},
        {"hunter2", "secret 1 is shorter than 16 bytes"},
        {"0123456789abcdef,hunter2", "secret 2 is shorter than 16 bytes"},
        {"0123456789abcdef,", "secret 2 is shorter than 16 bytes"},
        {",0123456789abcdef", "secret 1 is shorter than 16 bytes"},
        {"0123456789abcde   ", "secret 1 is shorter than 16 bytes"},
        {"0123456789abcdef,0123456789abcdef,0123456789abcdef,0123456789abcdef,0123456789abcdef,"
         "0123456789abcdef,0123456789abcdef,0123456789abcdef,0123456789abcdef",
         "more than 8 secrets"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct signature_keys keys;
        struct error error;
        cr_expect(!signature_keys_parse(&keys, slice_text(cases[i].text), &error), "case %zu", i);
        cr_expect_str_eq(error.text, cases[i].error, "case %zu: %s", i, error.text);
    }
    struct signature_keys keys;
    struct error error;
    cr_expect(!signature_keys_parse(&keys, slice_make("0123456789abcdef\0x", 18), &error));
    cr_expect_str_eq(error.text, "secret 1 holds a NUL byte");
}

/* As when Redis has lost the secrets that callbacks on their way were signed by. */
Test(signature, takes_one_more_secret)
{
    struct signature_keys old = keys_of("0123456789abcdef"),
                          keys = keys_of("second-secret-0123456");
    struct signature_subject subject = {"upload", slice_text("my-17"), 1, 1800000000};
    char made[SIGNATURE_LENGTH + 1];

    signature_make(&old, &subject, made);
    cr_expect(!signature_verify(&keys, &subject, slice_text(made)));
    signature_keys_add(&keys, slice_text(old.secrets[0]));
    signature_keys_clear(&old);
    cr_expect_str_eq(keys.secrets[1], "0123456789abcdef");
    cr_expect(signature_verify(&keys, &subject, slice_text(made)));
    signature_keys_clear(&keys);
}
