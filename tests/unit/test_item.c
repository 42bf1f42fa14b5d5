#include <criterion/criterion.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/item.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct item_defaults defaults = {3, "spoken_words"};

static char *repeat(const char *text, size_t count)
{
    struct buffer out = BUFFER(8 << 20);
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&out, text);
    return buffer_take(&out);
}

static char *request_of(const struct task *task)
{
    struct buffer out = BUFFER(8 << 20);
    task_add_request(&out, task);
    return buffer_take(&out);
}

/* The request that the object `text` becomes, or the error. The caller frees it. */
static char *result_of(const char *text)
{
    struct item item;

    item_parse(&item, slice_text(text), &defaults);
    char *result = item.kind == ITEM_TASK ? request_of(&item.task) : xstrdup(item.error.text);
    item_clear(&item);
    return result;
}

Test(item, tasks_are_read_whole)
{
    static const struct {
        const char *text, *request;
    } cases[] = {
        {"{\"url\":\"https://e.com/v.mp4\"}",
         "{\"kind\":\"upload\",\"url\":\"https://e.com/v.mp4\","
         "\"indexes\":[{\"type\":\"spoken_words\"}],"
         "\"max_attempts\":3}"},
        {" \r\n\t{ \"url\" : \"http://h\" , \"index\" : [ ] } \n",
         "{\"kind\":\"upload\",\"url\":\"http://h\",\"indexes\":[],"
         "\"max_attempts\":3}"},
        {"{\"id\":\"a\",\"type\":\"upload\",\"url\":\"http://h\",\"name\":\"\\u00fc\","
         "\"description\":\"\",\"media_type\":\"video\",\"collection_id\":\"c-1\","
         "\"index\":[\"scenes\",{\"type\":\"scenes\",\"prompt\":\"p\"},\"spoken_words\","
         "\"scenes\"],\"batch\":\"b\",\"batch_size\":10000000,\"meta\":{\"x\": [1.0]},"
         "\"max_attempts\":100}",
         "{\"kind\":\"upload\",\"id\":\"a\",\"url\":\"http://h\",\"name\":\"\xc3\xbc\","
         "\"description\":\"\",\"media_type\":\"video\",\"collection_id\":\"c-1\",\"batch\":\"b\","
         "\"indexes\":[{\"type\":\"scenes\"},"
         "{\"type\":\"scenes\",\"label\":\"scenes_2\",\"options\":{\"prompt\":\"p\"}},"
         "{\"type\":\"spoken_words\"},"
         "{\"type\":\"scenes\",\"label\":\"scenes_3\"}],"
         "\"batch_size\":10000000,\"meta\":{\"x\": [1.0]},\"max_attempts\":100}"},
        {"{\"url\":\"http://h\",\"media_type\":\"audio\"}",
         "{\"kind\":\"upload\",\"url\":\"http://h\",\"media_type\":\"audio\","
         "\"indexes\":[],\"max_attempts\":3}"},
        {"{\"url\":\"http://h\",\"media_type\":\"image\",\"index\":[],\"meta\":null}",
         "{\"kind\":\"upload\",\"url\":\"http://h\",\"media_type\":\"image\","
         "\"indexes\":[],\"meta\":null,\"max_attempts\":3}"},
        {"{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":\"spoken_words\",\"id\":\"x\"}",
         "{\"kind\":\"index\",\"id\":\"x\",\"video_id\":\"m-1\","
         "\"indexes\":[{\"type\":\"spoken_words\"}],"
         "\"max_attempts\":3}"},
        {"{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":{\"type\":\"scenes\","
         "\"name\":\"n\"}}",
         "{\"kind\":\"index\",\"video_id\":\"m-1\","
         "\"indexes\":[{\"type\":\"scenes\",\"options\":{\"name\":\"n\"}}],"
         "\"max_attempts\":3}"},
        {"{\"\\u0075rl\":\"http:\\/\\/h\",\"index\":[]}",
         "{\"kind\":\"upload\",\"url\":\"http://h\",\"indexes\":[],"
         "\"max_attempts\":3}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *result = result_of(cases[i].text);
        cr_expect_str_eq(result, cases[i].request);
        free(result);
    }
}

static const struct {
    const char *text, *error;
} mistakes[] = {
    {"", "the item is empty"},
    {" \n", "the item is empty"},
    {"[1]", "a task must be a JSON object or a task id"},
    {"\"abc\"", "a task must be a JSON object or a task id"},
    {"two words", "a task must be a JSON object or a task id"},
    {"\xff\xfe", "a task must be a JSON object or a task id"},
    {"https://e.com/v.mp4", "a task must be a JSON object or a task id"},
    {"id@", "a task must be a JSON object or a task id"},
    {"@7", "a task must be a JSON object or a task id"},
    {"id@x7", "a task must be a JSON object or a task id"},
    {"id@18446744073709551616", "a task must be a JSON object or a task id"},
    {"id?-1", "a task must be a JSON object or a task id"},
    {"id@1?2", "a task must be a JSON object or a task id"},
    {"{}", "url: is missing"},
    {"{\"ulr\":\"http://h\"}", "unknown field \"ulr\" (did you mean \"url\"?)"},
    {"{\"URL\":\"http://h\"}", "unknown field \"URL\" (did you mean \"url\"?)"},
    {"{\"url\":\"http://h\",\"max_attempt\":1}",
     "unknown field \"max_attempt\" (did you mean \"max_attempts\"?)"},
    {"{\"url\":\"http://h\",\"media-type\":1}",
     "unknown field \"media-type\" (did you mean \"media_type\"?)"},
    {"{\"url\":\"http://h\",\"callback_url\":\"x\"}", "unknown field \"callback_url\""},
    {"{\"url\":\"http://h\",\"\":1}", "unknown field \"\""},
    {"{\"url\":7}", "url: must be a string, is a number"},
    {"{\"url\":null}", "url: must be a string, is null"},
    {"{\"url\":\"ftp://h\"}", "url: must start with http:// or https://"},
    {"{\"url\":\"\"}", "url: must start with http:// or https://"},
    {"{\"url\":\"http://h/\\u0000\"}", "url: must not contain a NUL"},
    {"{\"url\":\"http://h\",\"url\":\"http://i\"}", "\"url\" is given twice"},
    {"{\"url\":\"http://h\",\"u\\u0072l\":\"http://i\"}", "\"url\" is given twice"},
    {"{\"type\":3}", "type: must be a string, is a number"},
    {"{\"type\":\"video\"}", "type: must be one of: upload, index, batch"},
    {"{\"url\":\"http://h\",\"id\":\"a b\"}", "id: must be 1 to 128 letters, digits or _ - . :"},
    {"{\"url\":\"http://h\",\"id\":\"\"}", "id: must be 1 to 128 letters, digits or _ - . :"},
    {"{\"url\":\"http://h\",\"id\":\"a/b\"}", "id: must be 1 to 128 letters, digits or _ - . :"},
    {"{\"url\":\"http://h\",\"id\":17}", "id: must be a string, is a number"},
    {"{\"url\":\"http://h\",\"batch\":\"a b\"}",
     "batch: must be 1 to 128 letters, digits or _ - . :"},
    {"{\"url\":\"http://h\",\"name\":\"\"}", "name: must not be empty"},
    {"{\"url\":\"http://h\",\"name\":\"a\\u0000\"}", "name: must not contain a NUL"},
    {"{\"url\":\"http://h\",\"media_type\":\"movie\"}",
     "media_type: must be one of: video, audio, image"},
    {"{\"url\":\"http://h\",\"media_type\":\"\"}",
     "media_type: must be one of: video, audio, image"},
    {"{\"url\":\"http://h\",\"collection_id\":\"a/b\"}",
     "collection_id: must be 1 to 256 letters, digits, - _ . : ~, and begin with none of the "
     "signs"},
    {"{\"url\":\"http://h\",\"max_attempts\":0}",
     "max_attempts: must be a whole number from 1 to 100"},
    {"{\"url\":\"http://h\",\"max_attempts\":101}",
     "max_attempts: must be a whole number from 1 to 100"},
    {"{\"url\":\"http://h\",\"max_attempts\":1.5}",
     "max_attempts: must be a whole number from 1 to 100"},
    {"{\"url\":\"http://h\",\"max_attempts\":\"3\"}",
     "max_attempts: must be a number, is a string"},
    {"{\"url\":\"http://h\",\"batch\":\"b\",\"batch_size\":10000001}",
     "batch_size: must be a whole number from 1 to 10000000"},
    {"{\"url\":\"http://h\",\"batch_size\":2}", "batch_size: needs a batch"},
    {"{\"url\":\"http://h\",\"index\":\"scenes\"}", "index: must be an array, is a string"},
    {"{\"url\":\"http://h\",\"index\":[\"scenes\",3]}",
     "index[1]: must be a string or an object, is a number"},
    {"{\"url\":\"http://h\",\"index\":[\"scenes\",{\"type\":\"scenes\",\"promt\":\"\"}]}",
     "index[1].promt: unknown option (did you mean \"prompt\"?)"},
    {"{\"url\":\"http://h\",\"index\":[\"faces\"]}",
     "index[0]: must be one of: spoken_words, scenes"},
    {"{\"url\":\"http://h\",\"media_type\":\"audio\",\"index\":[\"scenes\"]}",
     "index: only videos can be indexed"},
    {"{\"type\":\"index\"}", "video_id: is missing"},
    {"{\"type\":\"index\",\"video_id\":\"m-1\"}", "index: is missing"},
    {"{\"type\":\"index\",\"video_id\":\"m 1\",\"index\":\"scenes\"}",
     "video_id: must be 1 to 256 letters, digits, - _ . : ~, and begin with none of the signs"},
    {"{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":[\"scenes\"]}",
     "index: must be a string or an object, is an array"},
    {"{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":{\"type\":\"scenes\",\"force\":true}}",
     "index.force: unknown option"},
    {"{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":\"scenes\",\"url\":\"http://h\"}",
     "unknown field \"url\""},
};

Test(item, mistakes_name_the_field)
{
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        char *result = result_of(mistakes[i].text);
        cr_expect_str_eq(result, mistakes[i].error, "%s\n  says: %s", mistakes[i].text, result);
        free(result);
    }
    char *broken = result_of("{\"url\":}");
    cr_expect(slice_starts_with(slice_text(broken), "broken JSON: "), "%s", broken);
    free(broken);
}

Test(item, ids_and_tokens)
{
    static const struct {
        const char *text;
        enum item_kind kind;
        const char *id;
        uint64_t token;
    } cases[] = {
        {"my-17", ITEM_ID, "my-17", 0},
        {"42", ITEM_ID, "42", 0},
        {"true", ITEM_ID, "true", 0},
        {"null", ITEM_ID, "null", 0},
        {"1.5", ITEM_ID, "1.5", 0},
        {" a:b \n", ITEM_ID, "a:b", 0},
        {"a@7", ITEM_CALL, "a", 7},
        {"a/scenes_2@18446744073709551615", ITEM_CALL, "a/scenes_2", UINT64_MAX},
        {"a?0", ITEM_QUESTION, "a", 0},
        {"a/b?12", ITEM_QUESTION, "a/b", 12},
        {"a/b", ITEM_BAD, NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct item item;
        item_parse(&item, slice_text(cases[i].text), &defaults);
        cr_expect_eq(item.kind, cases[i].kind, "%s is a %d", cases[i].text, item.kind);
        if (cases[i].id != NULL)
            cr_expect_str_eq(item.id, cases[i].id);
        cr_expect_eq(item.token, cases[i].token, "token of %s", cases[i].text);
        item_clear(&item);
    }
}

Test(item, limits)
{
    static const struct {
        const char *before;
        const char *unit;
        size_t fits; /* units */
        const char *after, *error;
    } cases[] = {
        {"{\"index\":[],\"url\":\"http://h/", "a", ITEM_MAX_URL - 9, "\"}", "url: "},
        {"{\"index\":[],\"url\":\"http://h\",\"name\":\"", "\\u0041", 1024, "\"}",
         "name: is 1025 bytes: at most 1024 are allowed"},
        {"{\"index\":[],\"url\":\"http://h\",\"description\":\"", "d", 8192, "\"}",
         "description: is 8193 bytes: at most 8192 are allowed"},
        {"{\"index\":[],\"url\":\"http://h\",\"meta\":\"", "m", ITEM_MAX_META - 2, "\"}",
         "meta: is 65537 bytes: at most 65536 are allowed"},
        {"{\"index\":[],\"url\":\"http://h\",\"id\":\"", "i", 128, "\"}", "id: must be"},
        {"{\"index\":[],\"url\":\"http://h\",\"collection_id\":\"", "c", 256, "\"}",
         "collection_id: must be"},
        {"{\"url\":\"http://h\",\"index\":[\"scenes\"", ",\"scenes\"", ITEM_MAX_INDEXES - 1, "]}",
         "index: has 33 entries: at most 32 are allowed"},
        {"{\"index\":[],\"url\":\"http://h\"", " ", ITEM_MAX_BYTES - 29, "}",
         "item is 1048577 bytes: at most 1048576 are allowed"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t more = 0; more < 2; more++) {
            char *middle = repeat(cases[i].unit, cases[i].fits + more);
            char *text = xasprintf("%s%s%s", cases[i].before, middle, cases[i].after);
            struct item item;
            item_parse(&item, slice_text(text), &defaults);
            cr_expect_eq(item.kind, more ? ITEM_BAD : ITEM_TASK, "case %zu, %zu over: %s", i, more,
                         item.error.text);
            cr_expect(!more || slice_starts_with(slice_text(item.error.text), cases[i].error),
                      "case %zu: %s", i, item.error.text);
            item_clear(&item);
            free(text);
            free(middle);
        }
    }
}

Test(item, nesting_never_outgrows_the_record)
{
    static const struct {
        const char *before, *after;
        size_t depth;
    } cases[] = {
        {"{\"index\":[],\"url\":\"http://h\",\"meta\":", "}", ITEM_MAX_DEPTH - 1},
        {"{\"url\":\"http://h\",\"index\":[{\"type\":\"scenes\",\"scenes\":", "}]}",
         TASK_INDEX_MAX_DEPTH},
        {"{\"type\":\"index\",\"video_id\":\"m\",\"index\":{\"type\":\"scenes\",\"scenes\":", "}}",
         TASK_INDEX_MAX_DEPTH},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t more = 0; more < 2; more++) {
            char *open = repeat("[", cases[i].depth + more);
            char *close = repeat("]", cases[i].depth + more);
            char *text = xasprintf("%s%s%s%s", cases[i].before, open, close, cases[i].after);
            struct error error = {.text = ""};
            struct item item;
            item_parse(&item, slice_text(text), &defaults);
            cr_expect_eq(item.kind, more ? ITEM_BAD : ITEM_TASK, "case %zu: %s", i,
                         item.error.text);
            if (item.kind == ITEM_TASK) {
                char *request = request_of(&item.task);
                struct task task;
                cr_expect(task_parse_request(&task, slice_text(request), &error), "case %zu: %s", i,
                          error.text);
                task_clear(&task);
                free(request);
            }
            item_clear(&item);
            free(text);
            free(open);
            free(close);
        }
    }
}

Test(item, mistakes_keep_what_is_readable)
{
    static const struct {
        const char *text, *id, *batch;
        int64_t batch_size;
        const char *meta;
    } cases[] = {
        {"{\"id\":\"a\",\"batch\":\"b\",\"batch_size\":3,\"meta\":{\"k\": 1},\"x\":1}", "a", "b", 3,
         "{\"k\": 1}"},
        {"{\"id\":\"a b\",\"batch\":\"b\"}", NULL, "b", 0, NULL},
        {"{\"id\":5,\"batch\":\"b c\",\"batch_size\":3,\"meta\":null}", NULL, NULL, 0, "null"},
        {"{\"id\":\"a\",\"batch\":\"b\",\"batch_size\":0}", "a", "b", 0, NULL},
        {"{\"id\":\"a\",\"batch\":\"b\",\"batch_size\":10000001}", "a", "b", 0, NULL},
        {"{\"id\":\"a\",\"batch\":\"b\",\"batch_size\":\"3\"}", "a", "b", 0, NULL},
        {"{\"type\":\"what\",\"id\":\"a\"}", "a", NULL, 0, NULL},
        {"{\"id\":\"a\"", NULL, NULL, 0, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct item item;
        item_parse(&item, slice_text(cases[i].text), &defaults);
        cr_expect_eq(item.kind, ITEM_BAD, "%s", cases[i].text);
        cr_expect(slice_equal(slice_text(item.id), slice_text(cases[i].id)), "%s", cases[i].text);
        cr_expect(slice_equal(slice_text(item.batch), slice_text(cases[i].batch)), "%s",
                  cases[i].text);
        cr_expect_eq(item.batch_size, cases[i].batch_size, "%s", cases[i].text);
        cr_expect(slice_equal(slice_text(item.meta), slice_text(cases[i].meta)), "%s",
                  cases[i].text);
        cr_expect_null(item.task.collection_id, "nothing is left of the task");
        item_clear(&item);
    }
}

Test(item, checks_the_default_index)
{
    static const struct {
        const char *list;
        bool good;
    } cases[] = {
        {"", true},
        {"spoken_words", true},
        {"spoken_words,scenes", true},
        {" scenes , spoken_words ", true},
        {"scenes,scenes", true},
        {"faces", false},
        {"scenes,", false},
        {",scenes", false},
        {"scenes,,scenes", false},
        {"scenes spoken_words", false},
        {",", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {.text = ""};
        cr_expect_eq(item_check_default_index(cases[i].list, &error), cases[i].good, "\"%s\" %s",
                     cases[i].list, error.text);
    }
    static const struct item_defaults two = {5, "scenes, spoken_words"};
    struct item item;
    item_parse(&item, slice_text("{\"url\":\"http://h\"}"), &two);
    cr_assert_eq(item.task.index_count, 2);
    cr_expect_str_eq(item.task.indexes[0].label, "scenes");
    cr_expect_eq(item.task.max_attempts, 5);
    item_clear(&item);
}
