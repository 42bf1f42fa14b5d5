#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

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
