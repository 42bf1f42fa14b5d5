#include <criterion/criterion.h>

#include "queue/keys.h"
#include "worker/callback_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *line;
    bool upload;
    const char *id;
    int64_t call;
    enum videodb_says says;
    const char *media_id, *scene_index_id;
    int64_t received_at_ms;
} ours[] = {
    {"{\"kind\":\"upload\",\"id\":\"t-1\",\"call\":1,\"received_at\":5,"
     "\"body\":{\"success\":true,\"data\":{\"id\":\"m-1\"}}}",
     true, "t-1", 1, VIDEODB_SUCCESS, "m-1", "", 5},
    {"{\"kind\":\"index\",\"id\":\"t-1/scenes\",\"call\":9223372036854775807,"
     "\"body\":{\"success\":true,\"data\":{\"scene_index_id\":\"f4\"}}}",
     false, "t-1/scenes", INT64_MAX, VIDEODB_SUCCESS, "", "f4", 0},
    {"{\"kind\":\"upload\",\"id\":\"t\",\"call\":2,\"body\":{\"success\":false}}", true, "t", 2,
     VIDEODB_FAILURE, "", "", 0},
    {"{\"kind\":\"upload\",\"id\":\"t\",\"call\":3,\"unreadable\":\"empty body\"}", true, "t", 3,
     VIDEODB_UNREADABLE, "", "", 0},
    {"{\"kind\":\"index\",\"id\":\"t\",\"call\":0,\"body\":[]}", false, "t", 0, VIDEODB_UNREADABLE,
     "", "", 0},
};

static bool same(const char *got, const char *expected)
{
    return slice_equal(slice_text(got), slice_text(expected));
}

Test(callback_read, reads_what_the_webhook_stores)
{
    for (size_t i = 0; i < COUNT(ours); i++) {
        struct error error = {.text = ""};
        struct callback_said said;
        cr_expect(callback_read(&said, slice_text(ours[i].line), &error), "%s", error.text);
        cr_expect_eq(said.upload, ours[i].upload, "case %zu", i);
        cr_expect_eq(said.call, ours[i].call, "case %zu", i);
        cr_expect_eq(said.received_at_ms, ours[i].received_at_ms, "case %zu", i);
        cr_expect_eq(said.answer.says, ours[i].says, "case %zu", i);
        cr_expect(same(said.id, ours[i].id), "case %zu: %s", i, said.id);
        cr_expect(same(said.answer.media_id, ours[i].media_id), "case %zu", i);
        cr_expect(same(said.answer.scene_index_id, ours[i].scene_index_id), "case %zu", i);
        callback_said_clear(&said);
    }
}

Test(callback_read, refuses_what_is_none)
{
    static const char *const lines[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"kind\":\"upload\",\"id\":\"t\"}",
        "{\"kind\":\"upload\",\"call\":1}",
        "{\"kind\":\"upload\",\"id\":\"t\",\"call\":\"1\"}",
        "{\"kind\":\"upload\",\"id\":\"t\",\"call\":1.5}",
        "{\"kind\":\"upload\",\"id\":7,\"call\":1}",
        "{\"kind\":\"upload\",\"id\":\"\",\"call\":1}",
        "{\"kind\":\"upload\",\"id\":\"a b\",\"call\":1}",
        "{\"kind\":\"upload\",\"id\":\"a\\u0000\",\"call\":1}",
        "{\"kind\":\"upload\",\"id\":\"t\",\"call\":1",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct error error = {.text = ""};
        struct callback_said said;
        cr_expect(!callback_read(&said, slice_text(lines[i]), &error), "%s", lines[i]);
        cr_expect(error.text[0] != '\0', "%s", lines[i]);
        callback_said_clear(&said);
    }
}

Test(callback_read, bounds_the_id)
{
    static const char *const starts[] = {"a", "\\u0061"};

    for (size_t i = 0; i < 2 * COUNT(starts); i++) {
        size_t length = KEYS_MAX_TASK_ID + i % 2;
        struct buffer line = BUFFER(4096);
        struct callback_said said;
        buffer_add_format(&line, "{\"kind\":\"upload\",\"call\":1,\"id\":\"%s", starts[i / 2]);
        for (size_t j = 1; j < length; j++)
            buffer_add_char(&line, 'a');
        buffer_add_text(&line, "\"}");
        cr_expect_eq(callback_read(&said, buffer_slice(&line), NULL), length == KEYS_MAX_TASK_ID,
                     "%zu bytes", length);
        callback_said_clear(&said);
        buffer_clear(&line);
    }
}
