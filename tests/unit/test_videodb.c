#include <criterion/criterion.h>

#include "base/xalloc.h"
#include "worker/item.h"
#include "worker/videodb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Expected strings: "" stands for NULL as well. */
static bool same(const char *got, const char *expected)
{
    return slice_equal(slice_text(got), slice_text(expected));
}

static const struct {
    const char *item, *callback_url, *path, *body;
} calls[] = {
    {"{\"url\":\"https://example.com/v.mp4\",\"name\":\"My clip\",\"description\":\"d\","
     "\"media_type\":\"video\",\"collection_id\":\"c-bbbb2222\"}",
     "http://127.0.0.1:9/cb?job=1", "/collection/c-bbbb2222/upload",
     "{\"url\":\"https://example.com/v.mp4\",\"name\":\"My clip\",\"description\":\"d\","
     "\"media_type\":\"video\",\"callback_url\":\"http://127.0.0.1:9/cb?job=1\"}"},
    {"{\"url\":\"https://example.com/v.mp4\"}", "", "/collection/default/upload",
     "{\"url\":\"https://example.com/v.mp4\",\"name\":\"fallback\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-aaaa1111\",\"index\":\"spoken_words\"}",
     "http://127.0.0.1:9/cb?job=2", "/video/m-aaaa1111/index",
     "{\"index_type\":\"spoken_word\",\"callback_url\":\"http://127.0.0.1:9/cb?job=2\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-aaaa1111\",\"index\":{\"type\":\"spoken_words\","
     "\"language_code\":\"en_us\",\"segmentation_type\":\"sentence\",\"force\":true}}",
     "http://127.0.0.1:9/cb?job=2", "/video/m-aaaa1111/index",
     "{\"index_type\":\"spoken_word\",\"language_code\":\"en_us\","
     "\"segmentation_type\":\"sentence\",\"force\":true,"
     "\"callback_url\":\"http://127.0.0.1:9/cb?job=2\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-aaaa1111\",\"index\":\"spoken_words\"}", "",
     "/video/m-aaaa1111/index", "{\"index_type\":\"spoken_word\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-aaaa1111\",\"index\":{\"type\":\"scenes\","
     "\"extraction_type\":\"time\",\"extraction_config\":{\"time\":10,\"frame_count\":1,"
     "\"select_frames\":[\"first\"]},\"prompt\":\"Describe\",\"name\":\"scenes-1\"}}",
     "http://127.0.0.1:9/cb?job=3", "/video/m-aaaa1111/index/scene",
     "{\"extraction_type\":\"time\",\"extraction_config\":{\"time\":10,\"frame_count\":1,"
     "\"select_frames\":[\"first\"]},\"prompt\":\"Describe\",\"name\":\"scenes-1\","
     "\"callback_url\":\"http://127.0.0.1:9/cb?job=3\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-aaaa1111\",\"index\":\"scenes\"}", "http://h/cb",
     "/video/m-aaaa1111/index/scene", "{\"name\":\"fallback\",\"callback_url\":\"http://h/cb\"}"},
    {"{\"type\":\"index\",\"video_id\":\"m-a:b~c\",\"index\":{\"type\":\"scenes\","
     "\"metadata\":{\"name\":\"inner\"}}}",
     "", "/video/m-a%3Ab~c/index/scene",
     "{\"metadata\":{\"name\":\"inner\"},\"name\":\"fallback\"}"},
};

Test(videodb, calls_are_what_the_sdks_send)
{
    static const struct item_defaults defaults = {3, ""};

    for (size_t i = 0; i < COUNT(calls); i++) {
        struct videodb_request request;
        struct item item;
        item_parse(&item, slice_text(calls[i].item), &defaults);
        cr_assert_eq(item.kind, ITEM_TASK, "%s: %s", calls[i].item, item.error.text);
        videodb_request_init(&request);
        videodb_call(&request, &item.task, "fallback", calls[i].callback_url);
        cr_expect_str_eq(request.method, "POST");
        cr_expect_str_eq(buffer_text(&request.path), calls[i].path);
        cr_expect_str_eq(buffer_text(&request.body), calls[i].body);
        videodb_request_clear(&request);
        item_clear(&item);
    }
}

static void expect_request(struct videodb_request *request, const char *method, const char *path)
{
    cr_expect_str_eq(request->method, method);
    cr_expect_str_eq(buffer_text(&request->path), path);
    cr_expect_eq(request->body.length, 0, "no body");
    videodb_request_clear(request);
}

Test(videodb, questions_are_what_the_sdks_send)
{
    struct videodb_request request;

    videodb_request_init(&request);
    videodb_list_media(&request, "c-bbbb2222", &(struct videodb_walk){0});
    expect_request(&request, "GET", "/video?collection_id=c-bbbb2222&count=5000");
    videodb_list_media(&request, "c-1", &(struct videodb_walk){.medium = VIDEODB_AUDIO, .page = 2});
    expect_request(&request, "GET", "/audio?collection_id=c-1&count=5000&page_index=2");
    videodb_list_media(&request, "c-1", &(struct videodb_walk){.medium = VIDEODB_IMAGE});
    expect_request(&request, "GET", "/image?collection_id=c-1&count=5000");
    videodb_spoken_status(&request, "m-aaaa1111");
    expect_request(&request, "GET", "/video/m-aaaa1111/index?index_type=spoken_word");
    videodb_list_scenes(&request, "m-aaaa1111", "c-bbbb2222");
    expect_request(&request, "GET", "/video/m-aaaa1111/index/scene?collection_id=c-bbbb2222");
    videodb_delete_medium(&request, "m-aaaa1111", "c-&b");
    expect_request(&request, "DELETE", "/video/m-aaaa1111?collection_id=c-%26b");
    videodb_delete_medium(&request, "a-&1", "");
    expect_request(&request, "DELETE", "/audio/a-%261");
    videodb_delete_medium(&request, "img-1", "");
    expect_request(&request, "DELETE", "/image/img-1");
}

/* --- answers ---------------------------------------------------------------------------------- */

struct expected {
    const char *body;
    enum videodb_says says;
    const char *message, *media_id, *collection_id, *output_url, *media;
};

static const struct expected uploads[] = {
    {"{\"success\":true,\"status\":\"processing\",\"request_type\":\"async\"}", VIDEODB_PROCESSING,
     "", "", "", "", ""},
    {"{\"success\":true,\"status\":\"processing\",\"data\":{\"id\":\"job-1\","
     "\"output_url\":\"https://api.videodb.io/async-response/job-1\"}}",
     VIDEODB_PROCESSING, "", "", "", "https://api.videodb.io/async-response/job-1", ""},
    {"{\"status\":\"in progress\",\"data\":{\"percentage\":40}}", VIDEODB_PROCESSING, "", "", "",
     "", ""},
    {"{\"status\":\"Pending\"}", VIDEODB_PROCESSING, "", "", "", "", ""},
    {"{\"success\":true,\"data\":{\"id\":\"m-1\",\"collection_id\":\"c-1\",\"name\":\"N\\u0000\","
     "\"extension\":\"mp4\",\"size\":\"13294233\",\"length\":\"191.146667\","
     "\"stream_url\":\"https://s/1.m3u8\",\"player_url\":\"https://p/1\"}}",
     VIDEODB_SUCCESS, "", "m-1", "c-1", "",
     "\"video_id\":\"m-1\",\"collection_id\":\"c-1\",\"name\":\"N\\u0000\","
     "\"length\":\"191.146667\",\"stream_url\":\"https://s/1.m3u8\","
     "\"player_url\":\"https://p/1\""},
    {"{\"success\":true,\"data\":{\"id\":\"a-1\",\"length\":191.50,\"name\":null}}",
     VIDEODB_SUCCESS, "", "a-1", "", "", "\"video_id\":\"a-1\",\"length\":191.50"},
    {"{\"status\":\"done\",\"response\":{\"success\":true,\"data\":{\"id\":\"img-1\"}}}",
     VIDEODB_SUCCESS, "", "img-1", "", "", "\"video_id\":\"img-1\""},
    {"{\"status\":\"completed\",\"data\":{\"id\":\"m-1\"}}", VIDEODB_SUCCESS, "", "m-1", "", "",
     "\"video_id\":\"m-1\""},
    {"{\"success\":false,\"message\":\"Download failed.\"}", VIDEODB_FAILURE, "Download failed.",
     "", "", "", ""},
    {"{\"status\":\"done\",\"response\":{\"success\":false,\"message\":\"Invalid media type\"}}",
     VIDEODB_FAILURE, "Invalid media type", "", "", "", ""},
    {"{\"status\":\"failed\",\"response\":{\"success\":true,\"data\":{\"id\":\"m-1\"}}}",
     VIDEODB_FAILURE, "VideoDB gave no reason.", "", "", "", ""},
    {"{\"success\":false}", VIDEODB_FAILURE, "VideoDB gave no reason.", "", "", "", ""},
    {"{\"success\":false,\"message\":\" \\n\"}", VIDEODB_FAILURE, "VideoDB gave no reason.", "", "",
     "", ""},
    {"{\"success\":false,\"message\":\"a\\u0000\\nb\"}", VIDEODB_FAILURE, "a  b", "", "", "", ""},
    {"{\"success\":false,\"error\":\"E\"}", VIDEODB_FAILURE, "E", "", "", "", ""},
    {"{\"success\":false,\"error\":{\"code\":1,\"message\":\"E\"}}", VIDEODB_FAILURE, "E", "", "",
     "", ""},
    {"{\"success\":false,\"data\":{\"message\":\"inner\"}}", VIDEODB_FAILURE, "inner", "", "", "",
     ""},
    {"{\"message\":\"Internal server error\"}", VIDEODB_FAILURE, "Internal server error", "", "",
     "", ""},
    {"{\"detail\":\"Not Found\"}", VIDEODB_FAILURE, "Not Found", "", "", "", ""},
    {"{\"success\":true}", VIDEODB_UNREADABLE, "a success without a usable data.id", "", "", "",
     ""},
    {"{\"success\":true,\"data\":{\"id\":7}}", VIDEODB_UNREADABLE,
     "a success without a usable data.id", "", "", "", ""},
    {"{\"success\":true,\"data\":{\"id\":\"m 1\"}}", VIDEODB_UNREADABLE,
     "a success without a usable data.id", "", "", "", ""},
    {"{\"success\":\"true\"}", VIDEODB_UNREADABLE, "neither success nor status", "", "", "", ""},
    {"{\"status\":\"none\"}", VIDEODB_FAILURE, "VideoDB does not know of the job.", "", "", "", ""},
    {"{}", VIDEODB_UNREADABLE, "neither success nor status", "", "", "", ""},
    {"[]", VIDEODB_UNREADABLE, "not a JSON object", "", "", "", ""},
    {"null", VIDEODB_UNREADABLE, "not a JSON object", "", "", "", ""},
};

static void expect(const struct videodb_answer *answer, const struct expected *expected)
{
    const char *body = expected->body;

    cr_expect_eq(answer->says, expected->says, "%s says %d", body, (int)answer->says);
    cr_expect(same(answer->message, expected->message), "%s: %s", body, answer->message);
    cr_expect(same(answer->media_id, expected->media_id), "media_id of %s", body);
    cr_expect(same(answer->collection_id, expected->collection_id), "collection of %s", body);
    cr_expect(same(answer->output_url, expected->output_url), "output_url of %s", body);
    cr_expect(same(answer->media, expected->media), "%s: %s", body, answer->media);
}

Test(videodb, reads_uploads)
{
    for (size_t i = 0; i < COUNT(uploads); i++) {
        struct videodb_answer answer;
        videodb_read_upload(&answer, slice_text(uploads[i].body));
        expect(&answer, &uploads[i]);
        videodb_answer_clear(&answer);
    }
}

Test(videodb, refuses_what_is_no_answer)
{
    static const char *const bodies[] = {
        "",
        "<html>502</html>",
        "{\"success\":true",
        "{\"success\":tru}",
        "{} {}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    static const struct slice nul = {"{\"success\":true}\0", 17};
    struct buffer large = BUFFER(2 << 20);
    struct videodb_answer answer;

    for (size_t i = 0; i < COUNT(bodies); i++) {
        videodb_read_index(&answer, slice_text(bodies[i]));
        cr_expect_eq(answer.says, VIDEODB_UNREADABLE, "%s", bodies[i]);
        cr_expect(slice_starts_with(slice_text(answer.message), "not JSON: "), "%s: %s", bodies[i],
                  answer.message);
        videodb_answer_clear(&answer);
    }
    videodb_read_upload(&answer, nul);
    cr_expect_eq(answer.says, VIDEODB_UNREADABLE);
    videodb_answer_clear(&answer);
    buffer_add_text(&large, "{\"success\":false,\"message\":\"");
    while (large.length < VIDEODB_READ_MAX - 2)
        buffer_add_char(&large, 'x');
    buffer_add_text(&large, "\"}");
    videodb_read_upload(&answer, buffer_slice(&large));
    cr_expect_eq(answer.says, VIDEODB_FAILURE, "%s", answer.message);
    cr_expect_eq(slice_text(answer.message).length, 1024, "messages are cut");
    videodb_answer_clear(&answer);
    buffer_add_char(&large, ' ');
    videodb_read_upload(&answer, buffer_slice(&large));
    cr_expect_eq(answer.says, VIDEODB_UNREADABLE, "over a mebibyte");
    videodb_answer_clear(&answer);
    buffer_clear(&large);
}

struct scene_expected {
    const char *body;
    enum videodb_says says;
    const char *message, *scene_index_id;
};

static const struct scene_expected indexes[] = {
    {"{\"success\":true,\"status\":\"processing\",\"request_type\":\"async\"}", VIDEODB_PROCESSING,
     "", ""},
    {"{\"success\":true,\"data\":{\"id\":\"m-1\"}}", VIDEODB_SUCCESS, "", ""},
    {"{\"success\":true,\"data\":{\"scene_index_id\":\"f4db35c5ce45a709\"}}", VIDEODB_SUCCESS, "",
     "f4db35c5ce45a709"},
    {"{\"success\":true,\"data\":{\"scene_index_id\":\"f4\",\"status\":\"processing\"}}",
     VIDEODB_PROCESSING, "", "f4"},
    {"{\"success\":true,\"data\":{\"status\":\"failed\",\"error\":\"E\"}}", VIDEODB_FAILURE, "E",
     ""},
    {"{\"success\":true}", VIDEODB_SUCCESS, "", ""},
    {"{\"success\":true,\"data\":null,\"message\":\"ok\"}", VIDEODB_SUCCESS, "", ""},
    {"{\"success\":false,\"message\":\"Spoken word index for video already exists\"}",
     VIDEODB_FAILURE, "Spoken word index for video already exists", ""},
    {"{\"success\":true,\"data\":{\"scene_index_id\":\"a/b\"}}", VIDEODB_SUCCESS, "", ""},
};

Test(videodb, reads_indexes)
{
    for (size_t i = 0; i < COUNT(indexes); i++) {
        struct videodb_answer answer;
        videodb_read_index(&answer, slice_text(indexes[i].body));
        cr_expect_eq(answer.says, indexes[i].says, "%s", indexes[i].body);
        cr_expect(same(answer.message, indexes[i].message), "%s: %s", indexes[i].body,
                  answer.message);
        cr_expect(same(answer.scene_index_id, indexes[i].scene_index_id), "%s", indexes[i].body);
        videodb_answer_clear(&answer);
    }
}

Test(videodb, reads_the_spoken_status)
{
    static const struct scene_expected cases[] = {
        {"{\"success\":true,\"status\":\"done\",\"message\":\"m\"}", VIDEODB_SUCCESS, "", NULL},
        {"{\"success\":true,\"data\":{\"status\":\"done\"}}", VIDEODB_SUCCESS, "", NULL},
        {"{\"success\":true,\"status\":\"processing\"}", VIDEODB_PROCESSING, "", NULL},
        {"{\"success\":true,\"data\":{\"status\":\"processing\"}}", VIDEODB_PROCESSING, "", NULL},
        {"{\"success\":true,\"status\":\"failed\",\"message\":\"why\"}", VIDEODB_FAILURE, "why",
         NULL},
        {"{\"success\":true,\"data\":{\"status\":\"failed\"}}", VIDEODB_FAILURE,
         "VideoDB gave no reason.", NULL},
        {"{\"success\":false,\"message\":\"Failed to detect the language, no spoken data found.\"}",
         VIDEODB_FAILURE, "Failed to detect the language, no spoken data found.", NULL},
        {"{\"success\":true}", VIDEODB_MISSING, "", NULL},
        {"{\"success\":true,\"data\":{}}", VIDEODB_MISSING, "", NULL},
        {"{\"success\":true,\"status\":null}", VIDEODB_MISSING, "", NULL},
        {"{\"success\":true,\"status\":\"not_indexed\"}", VIDEODB_MISSING, "", NULL},
        {"{\"status\":\"none\"}", VIDEODB_MISSING, "", NULL},
        {"{\"success\":false,\"message\":\"Index not found\"}", VIDEODB_MISSING, "Index not found",
         NULL},
        {"{\"message\":\"Spoken word index does not exist\"}", VIDEODB_MISSING,
         "Spoken word index does not exist", NULL},
        {"{\"success\":false,\"message\":\"Something went wrong\"}", VIDEODB_UNREADABLE,
         "Something went wrong", NULL},
        {"{\"success\":true,\"status\":\"weird\"}", VIDEODB_UNREADABLE,
         "its status is not a known word", NULL},
        {"{}", VIDEODB_UNREADABLE, "neither success nor status", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct videodb_answer answer;
        videodb_read_spoken_status(&answer, slice_text(cases[i].body));
        cr_expect_eq(answer.says, cases[i].says, "%s says %d", cases[i].body, (int)answer.says);
        cr_expect(same(answer.message, cases[i].message), "%s: %s", cases[i].body, answer.message);
        videodb_answer_clear(&answer);
    }
}

Test(videodb, knows_videos_by_their_ids)
{
    cr_expect(videodb_is_video("m-1"));
    cr_expect(videodb_is_video("m-z-019f9af0"));
    cr_expect(!videodb_is_video("a-1"));
    cr_expect(!videodb_is_video("img-1"));
    cr_expect(!videodb_is_video(""));
    cr_expect(!videodb_is_video(NULL));
}

Test(videodb, names_what_exists)
{
    static const struct {
        const char *message, *id;
    } cases[] = {
        {"Scene index with id f4db35c5ce45a709 already exists", "f4db35c5ce45a709"},
        {"Scenes with given configuration already exists with id st20m15f3", "st20m15f3"},
        {"Spoken word index for video already exists", ""},
        {"with id  already exists", ""},
        {"with id a/b", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *id = videodb_existing_id(cases[i].message);
        cr_expect(same(id, cases[i].id), "%s: %s", cases[i].message, id);
        free(id);
    }
}

Test(videodb, knows_media_by_their_ids_and_types)
{
    cr_expect_eq(videodb_medium_of_id("m-z-019f"), VIDEODB_VIDEO);
    cr_expect_eq(videodb_medium_of_id("a-1"), VIDEODB_AUDIO);
    cr_expect_eq(videodb_medium_of_id("img-1"), VIDEODB_IMAGE);
    cr_expect_eq(videodb_medium_of_id("i-1"), VIDEODB_MEDIA);
    cr_expect_eq(videodb_medium_of_id(NULL), VIDEODB_MEDIA);
    cr_expect_eq(videodb_medium_of_type("audio"), VIDEODB_AUDIO);
    cr_expect_eq(videodb_medium_of_type("audios"), VIDEODB_MEDIA);
    cr_expect_eq(videodb_medium_of_type(NULL), VIDEODB_MEDIA);
}

/* Of a medium nothing goes on that is endless, or a URL in name only. */
Test(videodb, passes_on_what_can_be_shown)
{
    static const struct {
        const char *member, *passed;
    } cases[] = {
        {"\"stream_url\":\"https://e.com/a\"", ",\"stream_url\":\"https://e.com/a\""},
        {"\"stream_url\":\"https:\\/\\/e.com\"", ",\"stream_url\":\"https:\\/\\/e.com\""},
        {"\"stream_url\":\"javascript:alert(1)\"", ""},
        {"\"stream_url\":\"data:text/html,x\"", ""},
        {"\"player_url\":\"//e.com/a\"", ""},
        {"\"player_url\":\"https://e.com/a b\"", ""},
        {"\"player_url\":\"https://e.com/\\u000d\\u000aX\"", ""},
        {"\"player_url\":7", ""},
        {"\"player_url\":null", ""},
        {"\"length\":1.250", ",\"length\":1.250"},
        {"\"length\":\"1.250\"", ",\"length\":\"1.250\""},
        {"\"length\":1111111111111111111111111111111111111111111111111111111111111111111", ""},
        {"\"length\":{\"a\":1}", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct videodb_answer answer;
        char *body = xasprintf("{\"success\":true,\"data\":{\"id\":\"m-1\",%s}}", cases[i].member);
        char *expected = xasprintf("\"video_id\":\"m-1\"%s", cases[i].passed);
        videodb_read_upload(&answer, slice_text(body));
        cr_expect_str_eq(answer.media, expected, "%s: %s", cases[i].member, answer.media);
        videodb_answer_clear(&answer);
        free(expected);
        free(body);
    }
}
