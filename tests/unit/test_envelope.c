#include <criterion/criterion.h>
#include <string.h>

#include "webhook/envelope.h"

Test(envelope, keeps_the_body_or_says_why_not)
{
    static const struct {
        const char *body, *rest;
        bool readable;
    } cases[] = {
        {"{\"success\":true}", "\"body\":{\"success\":true}}", true},
        {"{\"success\":false,\"a\":1.50e+3}", "\"body\":{\"success\":false,\"a\":1.50e+3}}", true},
        {"\n{\r\n\t\"success\":true\n}\r\n", "\"body\": {  \t\"success\":true }  }", true},
        {"{\"success\":true,\"a\":\"\\n\"}", "\"body\":{\"success\":true,\"a\":\"\\n\"}}", true},
        {"", "\"unreadable\":\"empty body\"}", false},
        {"true", "\"unreadable\":\"not an object\"}", false},
        {"{\"success\":1}", "\"unreadable\":\"no boolean success\"}", false},
        {"{\"success\":null}", "\"unreadable\":\"no boolean success\"}", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct envelope envelope = {.kind = "upload",
                                    .id = slice_text("a\"b"),
                                    .call = 2,
                                    .received_at_ms = 1700000000123,
                                    .body = slice_text(cases[i].body)};
        struct buffer line = BUFFER(ENVELOPE_MAX_FRAME), expected = BUFFER(ENVELOPE_MAX_FRAME);
        struct error error;
        cr_expect_eq(envelope_add(&line, &envelope, &error), cases[i].readable, "case %zu", i);
        buffer_add_format(&expected,
                          "{\"kind\":\"upload\",\"id\":\"a\\\"b\",\"call\":2,"
                          "\"received_at\":1700000000123,%s",
                          cases[i].rest);
        cr_expect_str_eq(buffer_text(&line), buffer_text(&expected));
        buffer_clear(&line);
        buffer_clear(&expected);
    }
}

Test(envelope, has_room_for_any_id_and_reason)
{
    char id[256], body[512];
    struct error error;

    memset(id, 0x01, sizeof(id)); // six bytes each when escaped
    memset(body, 0xff, sizeof(body));
    struct envelope envelope = {.kind = "index",
                                .id = slice_make(id, sizeof(id)),
                                .call = 9999999999,
                                .received_at_ms = INT64_MAX,
                                .body = slice_make(body, sizeof(body))};
    struct buffer line = BUFFER(sizeof(body) + ENVELOPE_MAX_FRAME);
    cr_expect(!envelope_add(&line, &envelope, &error));
    cr_expect(!line.failed);
    buffer_clear(&line);
}
