#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "worker/hint.h"
#include "worker/question.h"

static const struct choice {
    const char *what, *request, *output_url;
    bool unique_names;
    enum question_kind expected;
} choices[] = {
    {"a job is asked by its document",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\"}",
     "https://api/job", false, QUESTION_JOB},
    {"an upload named by its id",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\"}",
     "", false, QUESTION_MEDIA},
    {"a name of the user's may be anybody's",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\",\"name\":\"n\"}",
     "", false, QUESTION_NONE},
    {"unless names are unique",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\",\"name\":\"n\"}",
     "", true, QUESTION_MEDIA},
    {"a video has one spoken index",
     "{\"kind\":\"index\",\"max_attempts\":3,\"collection_id\":\"default\",\"video_id\":\"m-1\","
     "\"indexes\":[{\"type\":\"spoken_words\","
     "\"label\":\"spoken_words\",\"options\":{}}]}",
     "", false, QUESTION_SPOKEN},
    {"a scene index named by its task",
     "{\"kind\":\"index\",\"max_attempts\":3,\"collection_id\":\"default\",\"video_id\":\"m-1\","
     "\"indexes\":[{\"type\":\"scenes\","
     "\"label\":\"scenes\",\"options\":{\"metadata\":{\"name\":\"x\"}}}]}",
     "", false, QUESTION_SCENES},
    {"a scene index that names itself",
     "{\"kind\":\"index\",\"max_attempts\":3,\"collection_id\":\"default\",\"video_id\":\"m-1\","
     "\"indexes\":[{\"type\":\"scenes\","
     "\"label\":\"scenes\",\"options\":{\"name\":\"x\"}}]}",
     "", false, QUESTION_SCENES},
};

Test(question, is_chosen_by_what_can_be_told_apart)
{
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        const struct choice *c = &choices[i];
        struct record *record = record_new("t-1");
        struct task task;
        struct error error = {""};

        record_set(record, RECORD_output_url, c->output_url);
        cr_assert(task_parse_request(&task, slice_text(c->request), &error), "%s: %s", c->what,
                  error.text);
        cr_expect_eq(question_choose(&(struct question_about){record, &task}, c->unique_names),
                     c->expected, "%s", c->what);
        task_clear(&task);
        record_free(record);
    }
}

Test(question, reads_what_was_asked)
{
    struct task task = {.kind = TASK_UPLOAD, .id = (char *)"t-1"};
    struct record *record = record_new("t-1");
    struct videodb_walk walk = {0};
    struct question question = {QUESTION_MEDIA, {record, &task}, &walk};
    struct videodb_answer answer = {0};

    question_read(
        &answer, &question,
        slice_text("{\"success\":true,\"data\":{\"videos\":["
                   "{\"id\":\"m-1\",\"name\":\"t-1\"},{\"id\":\"m-2\",\"name\":\"t-2\"}]}}"));
    cr_expect_eq(answer.says, VIDEODB_SUCCESS);
    cr_expect_str_eq(answer.media_id, "m-1");
    videodb_answer_clear(&answer);

    answer = (struct videodb_answer){0};
    question.kind = QUESTION_JOB;
    question_read(&answer, &question, slice_text("{\"status\":\"processing\"}"));
    cr_expect_eq(answer.says, VIDEODB_PROCESSING);
    videodb_answer_clear(&answer);
    record_free(record);
}

/* --- the listings of media -------------------------------------------------------------------- */

#define EMPTY(list) "{\"success\":true,\"data\":{\"" list "\":[]}}"

/* Answers are given one by one, for as long as there is something to ask. */
static const struct {
    const char *what, *media_type;
    const char *paths[3], *answers[3];
    enum videodb_says end;
} walks[] = {
    {"nowhere",
     NULL,
     {"/video?", "/audio?", "/image?"},
     {EMPTY("videos"), EMPTY("audios"), EMPTY("images")},
     VIDEODB_MISSING},
    {"an image",
     NULL,
     {"/video?", "/audio?", "/image?"},
     {EMPTY("videos"), EMPTY("audios"),
      "{\"success\":true,\"data\":{\"images\":[{\"id\":\"img-1\",\"name\":\"t-1\"}]}}"},
     VIDEODB_SUCCESS},
    {"audio, and said to be",
     "audio",
     {"/audio?"},
     {"{\"success\":true,\"data\":{\"audios\":[{\"id\":\"a-1\",\"name\":\"t-1\"}]}}"},
     VIDEODB_SUCCESS},
    {"no such image", "image", {"/image?"}, {EMPTY("images")}, VIDEODB_MISSING},
    {"no such video", "video", {"/video?"}, {EMPTY("videos")}, VIDEODB_MISSING},
    {"a listing that fails",
     NULL,
     {"/video?", "/audio?"},
     {EMPTY("videos"), "{\"success\":false,\"message\":\"Oops\"}"},
     VIDEODB_UNREADABLE},
};

static enum videodb_says ask(const struct question *question, const char *path, const char *body)
{
    struct videodb_request request;
    struct videodb_answer answer;

    videodb_request_init(&request);
    question_request(&request, question);
    cr_expect(slice_starts_with(slice_text(buffer_text(&request.path)), path), "%s, not %s",
              buffer_text(&request.path), path);
    cr_expect_null(strstr(buffer_text(&request.path), "page_index"));
    videodb_request_clear(&request);
    question_read(&answer, question, slice_text(body));
    enum videodb_says says = answer.says;
    videodb_answer_clear(&answer);
    return says;
}

Test(question, looks_for_media_in_every_listing)
{
    struct record *record = record_new("t-1");

    for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
        struct task task = {.kind = TASK_UPLOAD,
                            .id = (char *)"t-1",
                            .collection_id = (char *)"default",
                            .media_type = (char *)walks[i].media_type};
        struct videodb_walk walk = {0};
        struct question question = {QUESTION_MEDIA, {record, &task}, &walk};
        enum videodb_says says = VIDEODB_PROCESSING;
        for (size_t k = 0; k < 3 && walks[i].paths[k] != NULL; k++) {
            cr_expect_eq(says, VIDEODB_PROCESSING, "%s says %d", walks[i].what, (int)says);
            says = ask(&question, walks[i].paths[k], walks[i].answers[k]);
        }
        cr_expect_eq(says, walks[i].end, "%s says %d", walks[i].what, (int)says);
        videodb_walk_clear(&walk);
    }
    record_free(record);
}

/* --- claims ----------------------------------------------------------------------------------- */

static const struct {
    const char *claim, *medium, *failure, *path; /* NULL: none, and not looked at */
} claims[] = {
    {"+m-1", "m-1", NULL, "/video/m-1?collection_id=c-1"},
    {"+a-1", "a-1", NULL, "/audio/a-1?collection_id=c-1"},
    {"+img-1", "img-1", NULL, "/image/img-1?collection_id=c-1"},
    {"+x-1", NULL, NULL, NULL},
    {"+", NULL, NULL, NULL},
    {"-m-1", NULL, "m-1", NULL},
    {"-Download failed.", NULL, "Download failed.", NULL},
    {"?", NULL, NULL, NULL},
    {"", NULL, NULL, NULL},
};

static void expect_text(const char *what, const char *text, const char *expected)
{
    cr_expect_str_eq(text != NULL ? text : "NULL", expected != NULL ? expected : "NULL", "%s",
                     what);
}

/* What a callback has named is looked at before everything else. */
Test(question, is_about_what_is_claimed)
{
    struct task task = {.kind = TASK_UPLOAD, .id = (char *)"t", .collection_id = (char *)"c-1"};
    struct task index = {.kind = TASK_INDEX, .index_count = 1};
    struct task_index spoken = {.type = (char *)"spoken_words"};

    index.indexes = &spoken;
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        struct record *record = record_new("t");
        struct question_about about = {record, &task}, other = {record, &index};
        record_set(record, RECORD_hint, claims[i].claim);
        record_set(record, RECORD_output_url, "https://api/job");
        expect_text(claims[i].claim, hint_medium(record), claims[i].medium);
        expect_text(claims[i].claim, hint_failure(record), claims[i].failure);
        cr_expect_eq(question_choose(&about, false),
                     claims[i].medium != NULL ? QUESTION_HINT : QUESTION_JOB);
        cr_expect_eq(question_choose(&other, false), QUESTION_JOB, "an index has no medium");
        if (claims[i].path != NULL) {
            struct videodb_walk walk = {0};
            struct question question = {QUESTION_HINT, about, &walk};
            struct videodb_request request;
            videodb_request_init(&request);
            question_request(&request, &question);
            cr_expect_str_eq(request.method, "GET");
            cr_expect_str_eq(buffer_text(&request.path), claims[i].path);
            videodb_request_clear(&request);
        }
        record_free(record);
    }
}

#define MEDIUM(id, name, collection)                                                               \
    "{\"success\":true,\"data\":{\"id\":\"" id "\",\"name\":\"" name                               \
    "\",\"collection_id\":\"" collection "\"}}"

static const struct {
    const char *name, *collection_id, *body;
    bool fits;
} fits[] = {
    {NULL, "default", MEDIUM("m-1", "t", "c-9"), true},
    {NULL, "c-1", MEDIUM("m-1", "t", "c-1"), true},
    {"Holiday", "c-1", MEDIUM("m-1", "Holiday", "c-1"), true},
    {NULL, "c-1", MEDIUM("m-1", "t", "c-2"), false},
    {NULL, "c-1", "{\"success\":true,\"data\":{\"id\":\"m-1\",\"name\":\"t\"}}", false},
    {NULL, "default", MEDIUM("m-2", "t", "c-1"), false},
    {NULL, "default", MEDIUM("m-1", "t2", "c-1"), false},
    {NULL, "default", "{\"success\":true,\"data\":{\"id\":\"m-1\"}}", false},
    {"Holiday", "default", MEDIUM("m-1", "t", "c-1"), false},
    {NULL, "default", "{\"success\":false,\"message\":\"Video not found\"}", false},
    {NULL, "default", "{\"status\":\"processing\",\"data\":{\"id\":\"m-1\",\"name\":\"t\"}}",
     false},
    {NULL, "default", "", false},
};

/* And counts when VideoDB says of it what the task says of itself. */
Test(question, believes_no_claim_that_does_not_fit)
{
    struct record *record = record_new("t");

    record_set(record, RECORD_hint, "+m-1");
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        struct task task = {.kind = TASK_UPLOAD,
                            .id = (char *)"t",
                            .name = (char *)fits[i].name,
                            .collection_id = (char *)fits[i].collection_id};
        struct question question = {QUESTION_HINT, {record, &task}, NULL};
        struct videodb_answer answer = {0};
        question_read(&answer, &question, slice_text(fits[i].body));
        cr_expect_eq(answer.says == VIDEODB_SUCCESS, fits[i].fits, "%s", fits[i].body);
        videodb_answer_clear(&answer);
    }
    cr_expect(question_by_name(&(struct question){QUESTION_HINT, {record, NULL}, NULL}),
              "another task may have it");
    record_free(record);
}
