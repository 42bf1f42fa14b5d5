#include <criterion/criterion.h>

#include "base/xalloc.h"
#include "worker/task.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROOM = 8 << 20 };

static const char upload_request[] =
    "{\"kind\":\"upload\",\"id\":\"a-1\",\"url\":\"https://e.com/v.mp4\",\"name\":\"N \\\"q\\\"\","
    "\"description\":\"d\",\"media_type\":\"video\",\"batch\":\"b\","
    "\"indexes\":[{\"type\":\"spoken_words\"},"
    "{\"type\":\"scenes\",\"label\":\"scenes_2\",\"options\":{\"prompt\":\"p\"}}],"
    "\"batch_size\":7,\"meta\":{\"n\":1.50},\"max_attempts\":3}";

static const char index_request[] =
    "{\"kind\":\"index\",\"collection_id\":\"c-1\",\"video_id\":\"m-1\","
    "\"indexes\":[{\"type\":\"scenes\"}],\"max_attempts\":1}";

static void parse(struct task *task, const char *request)
{
    struct error error = {.text = ""};
    cr_assert(task_parse_request(task, slice_text(request), &error), "%s: %s", request, error.text);
}

Test(task, request_round_trips)
{
    static const char *const requests[] = {
        upload_request,
        index_request,
        "{\"kind\":\"upload\",\"url\":\"http://h\",\"indexes\":[],"
        "\"meta\":null,\"max_attempts\":3}",
        "{\"kind\":\"upload\",\"url\":\"http://h\",\"description\":\"\",\"collection_id\":\"x\","
        "\"indexes\":[],\"meta\":[ 1e5, 12345678901234567890 ],\"max_attempts\":100}",
    };
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct buffer out = BUFFER(ROOM);
        struct task task;
        parse(&task, requests[i]);
        task_add_request(&out, &task);
        cr_expect_str_eq(buffer_text(&out), requests[i]);
        task_clear(&task);
        cr_expect_null(task.url);
        cr_expect_eq(task.index_count, 0);
        buffer_clear(&out);
    }
}

Test(task, what_goes_without_saying_is_not_written)
{
    struct buffer out = BUFFER(ROOM);
    struct task task;

    parse(&task,
          "{\"kind\":\"index\",\"collection_id\":\"default\",\"video_id\":\"m-1\",\"indexes\":"
          "[{\"type\":\"scenes\",\"label\":\"scenes\",\"options\":{}}],\"max_attempts\":1}");
    task_add_request(&out, &task);
    cr_expect_str_eq(buffer_text(&out), "{\"kind\":\"index\",\"video_id\":\"m-1\",\"indexes\":"
                                        "[{\"type\":\"scenes\"}],\"max_attempts\":1}");
    task_clear(&task);
    buffer_clear(&out);
}

Test(task, request_gives_every_field)
{
    struct task task;

    parse(&task, upload_request);
    cr_expect_eq(task.kind, TASK_UPLOAD);
    cr_expect_str_eq(task_kind_name(task.kind), "upload");
    cr_expect_str_eq(task.id, "a-1");
    cr_expect_str_eq(task.url, "https://e.com/v.mp4");
    cr_expect_str_eq(task.name, "N \"q\"");
    cr_expect_str_eq(task.media_type, "video");
    cr_expect_str_eq(task.collection_id, "default");
    cr_expect_null(task.video_id);
    cr_expect_eq(task.index_count, 2);
    cr_expect_str_eq(task.indexes[0].label, "spoken_words");
    cr_expect_str_eq(task.indexes[0].options, "{}");
    cr_expect_str_eq(task.indexes[1].type, "scenes");
    cr_expect_str_eq(task.indexes[1].label, "scenes_2");
    cr_expect_str_eq(task.indexes[1].options, "{\"prompt\":\"p\"}");
    cr_expect_str_eq(task.batch, "b");
    cr_expect_eq(task.batch_size, 7);
    cr_expect_str_eq(task.meta, "{\"n\":1.50}");
    cr_expect_eq(task.max_attempts, 3);
    task_clear(&task);
}

Test(task, refuses_what_is_no_request)
{
    static const struct {
        const char *request, *error;
    } cases[] = {
        {"", "the request of the record: "},
        {"{", "the request of the record: "},
        {"[]", "the request of the record: kind is missing"},
        {"{\"kind\":\"batch\"}", "the request of the record: kind is missing"},
        {"{\"kind\":\"upload\"}", "the request of the record: max_attempts is missing"},
        {"{\"kind\":\"upload\",\"collection_id\":\"c\",\"max_attempts\":3}",
         "the request of the record: url is missing"},
        {"{\"kind\":\"index\",\"collection_id\":\"c\",\"max_attempts\":3}",
         "the request of the record: video_id is missing"},
        {"{\"kind\":\"index\",\"collection_id\":\"c\",\"video_id\":\"m\",\"max_attempts\":3}",
         "the request of the record: an index task has one index"},
        {"{\"kind\":\"upload\",\"url\":\"http://h\",\"collection_id\":\"c\",\"max_attempts\":3,"
         "\"indexes\":[{\"type\":\"scenes\"},7]}",
         "the request of the record: not an index of a record"},
        {"{\"kind\":\"upload\",\"url\":\"http://h\",\"collection_id\":\"c\",\"max_attempts\":3,"
         "\"indexes\":[{\"type\":\"faces\"}]}",
         "the request of the record: not an index of a record"},
        {"{\"kind\":\"upload\",\"url\":\"http://h\",\"collection_id\":\"c\",\"max_attempts\":3,"
         "\"indexes\":[{\"type\":\"scenes\",\"options\":[]}]}",
         "the request of the record: not an index of a record"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {.text = ""};
        struct task task;
        cr_expect(!task_parse_request(&task, slice_text(cases[i].request), &error), "%s",
                  cases[i].request);
        cr_expect(slice_starts_with(slice_text(error.text), cases[i].error), "%s: %s",
                  cases[i].request, error.text);
        cr_expect_null(task.collection_id, "nothing is left to clear");
    }
}

Test(task, child_inherits_what_its_call_needs)
{
    struct buffer out = BUFFER(ROOM);
    struct task task;

    parse(&task, upload_request);
    task_add_child_request(&out, &task, 1, "m-9");
    cr_expect_str_eq(
        buffer_text(&out),
        "{\"kind\":\"index\",\"id\":\"a-1/scenes_2\","
        "\"video_id\":\"m-9\",\"indexes\":[{\"type\":\"scenes\",\"label\":\"scenes_2\","
        "\"options\":{\"prompt\":\"p\"}}],\"max_attempts\":3}");
    struct task child;
    parse(&child, buffer_text(&out));
    cr_expect_eq(child.kind, TASK_INDEX);
    cr_expect_str_eq(child.indexes[0].label, "scenes_2");
    task_clear(&child);
    task_clear(&task);
    buffer_clear(&out);
}

Test(task, about_is_what_was_submitted)
{
    static const struct {
        const char *request, *about;
    } cases[] = {
        {upload_request, "\"url\":\"https://e.com/v.mp4\",\"batch\":\"b\",\"meta\":{\"n\":1.50}"},
        {index_request, "\"video_id\":\"m-1\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = BUFFER(ROOM);
        struct task task;
        parse(&task, cases[i].request);
        task_add_about(&out, &task);
        cr_expect_str_eq(buffer_text(&out), cases[i].about);
        task_clear(&task);
        buffer_clear(&out);
    }
    struct buffer out = BUFFER(ROOM);
    struct task empty = {.kind = TASK_UPLOAD};
    task_add_about(&out, &empty);
    cr_expect_eq(out.length, 0);
    buffer_clear(&out);
}

static const struct {
    const char *entry, *type, *options;
} good_indexes[] = {
    {"\"spoken_words\"", "spoken_words", "{}"},
    {"\"\\u0073cenes\"", "scenes", "{}"},
    {"{\"type\":\"scenes\"}", "scenes", "{}"},
    {" { \"type\" : \"spoken_words\" , \"force\" : true , \"language_code\" : \"en\" } ",
     "spoken_words", "{\"force\":true,\"language_code\":\"en\"}"},
    {"{\"type\":\"spoken_words\",\"segmentation_type\":\"llm\",\"engine\":\"default\"}",
     "spoken_words", "{\"segmentation_type\":\"llm\",\"engine\":\"default\"}"},
    {"{\"prompt\":\"p\",\"type\":\"scenes\",\"scenes\":[],\"metadata\":{\"a\": 1},"
     "\"extraction_type\":\"time\",\"extraction_config\":{\"time\":10},\"name\":\"n\","
     "\"model_name\":\"pro\",\"model_config\":{}}",
     "scenes",
     "{\"prompt\":\"p\",\"scenes\":[],\"metadata\":{\"a\": 1},\"extraction_type\":\"time\","
     "\"extraction_config\":{\"time\":10},\"name\":\"n\",\"model_name\":\"pro\","
     "\"model_config\":{}}"},
    {"{\"t\\u0079pe\":\"scenes\",\"pr\\u006fmpt\":\"x\"}", "scenes", "{\"pr\\u006fmpt\":\"x\"}"},
};

static const struct {
    const char *entry, *error;
} bad_indexes[] = {
    {"7", ": must be a string or an object, is a number"},
    {"null", ": must be a string or an object, is null"},
    {"[]", ": must be a string or an object, is an array"},
    {"\"faces\"", ": must be one of: spoken_words, scenes"},
    {"{}", ".type: is missing"},
    {"{\"type\":1}", ".type: must be a string, is a number"},
    {"{\"type\":\"faces\"}", ".type: must be one of: spoken_words, scenes"},
    {"{\"type\":\"scenes\\u0000\"}", ".type: must be one of: spoken_words, scenes"},
    {"{\"type\":\"scenes\",\"promt\":\"x\"}", ".promt: unknown option (did you mean \"prompt\"?)"},
    {"{\"type\":\"scenes\",\"force\":true}", ".force: unknown option"},
    {"{\"type\":\"spoken_words\",\"prompt\":\"x\"}", ".prompt: unknown option"},
    {"{\"type\":\"spoken_words\",\"force\":1}", ".force: must be a boolean, is a number"},
    {"{\"type\":\"spoken_words\",\"segmentation_type\":\"word\"}",
     ".segmentation_type: must be one of: sentence, llm"},
    {"{\"type\":\"spoken_words\",\"language_code\":\"\"}", ".language_code: must not be empty"},
    {"{\"type\":\"scenes\",\"extraction_type\":\"x\"}",
     ".extraction_type: must be one of: shot, time, transcript"},
    {"{\"type\":\"scenes\",\"extraction_config\":[]}",
     ".extraction_config: must be an object, is an array"},
    {"{\"type\":\"scenes\",\"extraction_config\":{\"a\":1,\"a\":2}}",
     ".extraction_config: \"a\" is given twice"},
    {"{\"type\":\"scenes\",\"prompt\":\"a\",\"prompt\":\"b\"}", ": \"prompt\" is given twice"},
    {"{\"type\":\"scenes\",\"prompt\":\"a\\u0000b\"}", ".prompt: must not contain a NUL"},
};

Test(task, indexes_are_read_with_their_options)
{
    const struct json_limits limits = {1 << 20, 64};

    for (size_t i = 0; i < COUNT(good_indexes); i++) {
        struct error error = {.text = ""};
        struct task_index index;
        struct json doc;
        cr_assert(json_parse(&doc, slice_text(good_indexes[i].entry), &limits, &error));
        cr_assert(task_index_parse(&index, &doc, JSON_ROOT, &error), "%s: %s",
                  good_indexes[i].entry, error.text);
        cr_expect_str_eq(index.type, good_indexes[i].type);
        cr_expect_str_eq(index.label, good_indexes[i].type);
        cr_expect_str_eq(index.options, good_indexes[i].options);
        task_index_clear(&index);
        json_clear(&doc);
    }
    for (size_t i = 0; i < COUNT(bad_indexes); i++) {
        struct error error = {.text = ""};
        struct task_index index;
        struct json doc;
        cr_assert(json_parse(&doc, slice_text(bad_indexes[i].entry), &limits, &error));
        cr_expect(!task_index_parse(&index, &doc, JSON_ROOT, &error), "%s", bad_indexes[i].entry);
        cr_expect_str_eq(error.text, bad_indexes[i].error);
        json_clear(&doc);
    }
    cr_expect(task_index_known(slice_text("scenes")));
    cr_expect(!task_index_known(slice_text("")));
    cr_expect(!task_index_known(slice_text("scene")));
}

Test(task, knows_what_ids_look_like)
{
    static const struct {
        const char *id;
        bool valid;
    } cases[] = {
        {"m-z-019f9af0-1", true},
        {"default", true},
        {"", false},
        {"a b", false},
        {"a/b", false},
        {"a?b", false},
        {"a#b", false},
        {"a%41", false},
        {"\xc3\xbc", false},
        {"a\x7f", false},
        {"a\tb", false},
        {"img-1:2", true},
        {"..", false},
        {".", false},
        {"-m", false},
        {"a..b", true},
        {"m-\"", false},
        {"m-\\", false},
        {"m-&a=b", false},
        {"m_1~", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_eq(task_valid_media_id(slice_text(cases[i].id)), cases[i].valid, "%s",
                     cases[i].id);
    cr_expect(!task_valid_media_id(slice_make("a\0b", 3)));
    char *longest = xasprintf("%0256d", 0);
    cr_expect(task_valid_media_id(slice_make(longest, 256)));
    free(longest);
    longest = xasprintf("%0257d", 0);
    cr_expect(!task_valid_media_id(slice_make(longest, 257)));
    free(longest);
}
