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
     "", false, QUESTION_VIDEOS},
    {"a name of the user's may be anybody's",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\",\"name\":\"n\"}",
     "", false, QUESTION_NONE},
    {"unless names are unique",
     "{\"kind\":\"upload\",\"max_attempts\":3,\"collection_id\":\"default\",\"indexes\":[],\"url\":"
     "\"https://e.com/a\",\"name\":\"n\"}",
     "", true, QUESTION_VIDEOS},
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
    struct question question = {QUESTION_VIDEOS, {record, &task}, &walk};
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
