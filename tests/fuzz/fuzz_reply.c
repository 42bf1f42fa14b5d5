/* Bodies of the API: each is read as the reply to every kind of call and question that there is.
 * NUL bytes part the pages of a listing. Whatever is said, it is fit for a record, a log and a
 * notification. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "worker/outcome.h"
#include "worker/task.h"
#include "worker/videodb_envelope.h"
#include "worker/videodb_find.h"
#include "worker/videodb_medium.h"
#include "worker/videodb_read.h"

enum { MAX_MESSAGE = 1024, MAX_TEXT = 8 << 20 };

/* --- what must hold of every answer ----------------------------------------------------------- */

static bool is_id(const char *text)
{
    return text == NULL || task_valid_media_id(slice_text(text));
}

/* It goes into notifications as it is. */
static void check_media(const struct videodb_answer *answer)
{
    struct buffer object = BUFFER(MAX_TEXT);

    assert(answer->media_id != NULL);
    buffer_add_format(&object, "{%s}", answer->media);
    assert(!object.failed);
    fuzz_expect_json_line(buffer_slice(&object));
    buffer_clear(&object);
}

static void check_failure(const char *message)
{
    const struct outcome_failure *failure = outcome_of_message(slice_text(message));
    char *existing = videodb_existing_id(message);

    assert(message[0] != '\0' && strlen(message) <= MAX_MESSAGE && fuzz_is_line(message));
    assert(failure != NULL && failure->action != NULL && failure->outcome < OUTCOME_COUNT);
    assert(is_id(existing));
    free(existing);
}

static void check_answer(const struct videodb_answer *answer)
{
    assert(answer->says <= VIDEODB_UNREADABLE);
    assert(is_id(answer->media_id) && is_id(answer->collection_id) &&
           is_id(answer->scene_index_id));
    assert((answer->media != NULL) == (answer->media_id != NULL));
    if (answer->media != NULL)
        check_media(answer);
    if (answer->says == VIDEODB_FAILURE || answer->says == VIDEODB_UNREADABLE)
        assert(answer->message != NULL);
    if (answer->message != NULL)
        check_failure(answer->message);
}

static bool same(const struct videodb_answer *a, const struct videodb_answer *b)
{
    return a->says == b->says && fuzz_same(a->media_id, b->media_id) &&
           fuzz_same(a->collection_id, b->collection_id) &&
           fuzz_same(a->output_url, b->output_url) && fuzz_same(a->media, b->media) &&
           fuzz_same(a->scene_index_id, b->scene_index_id);
}

/* --- replies ---------------------------------------------------------------------------------- */

static void find_scene(struct videodb_answer *answer, struct slice body)
{
    static const struct videodb_wanted wanted = {"task-1", "", "f1 f2"};
    videodb_find_scene(answer, body, &wanted);
}

static void find_scene_by_id(struct videodb_answer *answer, struct slice body)
{
    static const struct videodb_wanted wanted = {"", "f4db35c5ce45a709", ""};
    videodb_find_scene(answer, body, &wanted);
    assert(answer->scene_index_id == NULL || strcmp(answer->scene_index_id, wanted.id) == 0);
}

static void (*const readers[])(struct videodb_answer *answer, struct slice body) = {
    videodb_read_upload, videodb_read_index, videodb_read_spoken_status, find_scene,
    find_scene_by_id};

/* White space around a document means nothing. */
static void read_as(size_t reader, struct slice body, struct slice spaced)
{
    struct videodb_answer answer = {0}, other = {0};

    readers[reader](&answer, body);
    check_answer(&answer);
    if (readers[reader] == videodb_read_upload && answer.says == VIDEODB_SUCCESS)
        assert(answer.media_id != NULL);
    readers[reader](&other, spaced);
    assert(same(&answer, &other));
    videodb_answer_clear(&answer);
    videodb_answer_clear(&other);
}

static void read_reply(struct slice body)
{
    struct buffer spaced = BUFFER(MAX_TEXT);

    buffer_add_text(&spaced, " \r\n");
    buffer_add_slice(&spaced, body);
    buffer_add_text(&spaced, "\t ");
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        read_as(i, body, buffer_slice(&spaced));
    buffer_clear(&spaced);
}

/* --- listings --------------------------------------------------------------------------------- */

static void check_walk(const struct videodb_walk *walk)
{
    for (size_t i = 1; i < walk->count; i++)
        assert(walk->seen[i - 1] <= walk->seen[i]);
    assert(walk->page <= VIDEODB_WALK_MAX_PAGES && walk->barren <= 2);
}

static void walk_pages(struct slice pages, enum videodb_medium medium)
{
    static const struct videodb_wanted wanted = {"task-1", "", "m-1 m-2"};
    struct videodb_walk walk = {.medium = medium};
    enum videodb_says says = VIDEODB_PROCESSING;

    while (says == VIDEODB_PROCESSING && pages.length > 0) {
        struct videodb_answer answer = {0};
        unsigned before = walk.page;
        videodb_find_medium(&answer, fuzz_cut(&pages, '\0'), &wanted, &walk);
        check_answer(&answer);
        check_walk(&walk);
        says = answer.says;
        assert(says != VIDEODB_PROCESSING || walk.page == before + 1);
        if (says == VIDEODB_SUCCESS)
            assert(strcmp(answer.media_id, "m-1") != 0 && strcmp(answer.media_id, "m-2") != 0);
        videodb_answer_clear(&answer);
    }
    videodb_walk_clear(&walk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_make(data, size);

    read_reply(input);
    for (int medium = VIDEODB_VIDEO; medium < VIDEODB_MEDIA; medium++)
        walk_pages(input, (enum videodb_medium)medium);
    return 0;
}
