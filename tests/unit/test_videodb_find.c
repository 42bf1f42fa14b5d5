#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "worker/videodb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool same(const char *got, const char *expected)
{
    return slice_equal(slice_text(got), slice_text(expected));
}

Test(videodb_find, finds_videos_by_name)
{
    static const char list[] =
        "{\"success\":true,\"data\":{\"videos\":["
        "{\"id\":\"m-1\",\"name\":\"t-1\",\"collection_id\":\"c-1\",\"length\":\"3\"},"
        "{\"id\":\"m-2\",\"name\":\"t-2\"},{\"id\":\"m-3\",\"name\":\"t\\u002d1\"},"
        "{\"id\":\"bad id\",\"name\":\"t-1\"},{\"name\":\"t-1\"},7,{\"id\":\"m-4\",\"name\":1}]}}";
    static const struct {
        const char *name, *skip, *id;
    } cases[] = {
        {"t-1", "", "m-3"},     {"t-1", "m-3", "m-1"},
        {"t-1", "m-1 m-3", ""}, {"t-1", "m-9  m-3 x", "m-1"},
        {"t-2", "m-22", "m-2"}, {"t-3", "", ""},
        {"T-1", "", ""},        {"1", "", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct videodb_answer answer;
        struct videodb_walk walk = {0};
        struct videodb_wanted wanted = {cases[i].name, "", cases[i].skip};
        videodb_find_medium(&answer, slice_text(list), &wanted, &walk);
        videodb_walk_clear(&walk);
        cr_expect_eq(answer.says, cases[i].id[0] == '\0' ? VIDEODB_PROCESSING : VIDEODB_SUCCESS,
                     "case %zu", i);
        cr_expect(same(answer.media_id, cases[i].id), "case %zu: %s", i, answer.media_id);
        videodb_answer_clear(&answer);
    }
    struct videodb_answer answer;
    struct videodb_walk walk = {0};
    videodb_find_medium(&answer, slice_text(list), &(struct videodb_wanted){"t-1", "", "m-3"},
                        &walk);
    cr_expect_str_eq(answer.collection_id, "c-1");
    cr_expect_str_eq(answer.media,
                     "\"video_id\":\"m-1\",\"collection_id\":\"c-1\",\"name\":\"t-1\","
                     "\"length\":\"3\"");
    videodb_answer_clear(&answer);
}

Test(videodb_find, listings_that_are_none)
{
    static const struct {
        const char *body;
        enum videodb_says says;
        const char *message;
    } cases[] = {
        {"{\"success\":true,\"data\":{\"videos\":[]}}", VIDEODB_MISSING, ""},
        {"{\"success\":true,\"data\":{}}", VIDEODB_MISSING, ""},
        {"{\"success\":true,\"data\":null}", VIDEODB_MISSING, ""},
        {"{\"success\":true}", VIDEODB_UNREADABLE, "a listing without data"},
        {"{\"success\":true,\"data\":{\"audios\":[]}}", VIDEODB_UNREADABLE,
         "a listing without its list"},
        {"{\"success\":true,\"status\":\"processing\",\"data\":{\"output_url\":\"https://e.com\"}}",
         VIDEODB_UNREADABLE, "a listing that is still being made"},
        {"{\"success\":false,\"message\":\"Collection not found\"}", VIDEODB_MISSING,
         "Collection not found"},
        {"{\"success\":false,\"message\":\"Oops\"}", VIDEODB_UNREADABLE, "Oops"},
        {"<html>", VIDEODB_UNREADABLE, "not JSON: unexpected '<' at byte 0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct videodb_answer answer;
        struct videodb_walk walk = {0};
        videodb_find_medium(&answer, slice_text(cases[i].body),
                            &(struct videodb_wanted){"x", "", ""}, &walk);
        cr_expect_eq(answer.says, cases[i].says, "%s says %d", cases[i].body, (int)answer.says);
        cr_expect(same(answer.message, cases[i].message), "%s: %s", cases[i].body, answer.message);
        videodb_answer_clear(&answer);
    }
}

Test(videodb_find, finds_scenes_by_name_or_id)
{
    static const char list[] =
        "{\"success\":true,\"data\":{\"scene_indexes\":["
        "{\"scene_index_id\":\"s1\",\"name\":\"a\",\"status\":\"done\"},"
        "{\"scene_index_id\":\"s2\",\"name\":\"b\",\"status\":\"processing\"},"
        "{\"scene_index_id\":\"s3\",\"name\":\"c\",\"status\":\"failed\",\"error\":\"E\"},"
        "{\"scene_index_id\":\"s4\",\"name\":\"d\",\"status\":\"Ready\"},"
        "{\"scene_index_id\":\"s5\",\"name\":\"e\",\"status\":\"weird\"},"
        "{\"scene_index_id\":\"s6\",\"name\":\"f\"},"
        "{\"scene_index_id\":\"s7\",\"name\":\"g\",\"status\":\"error\"},"
        "{\"scene_index_id\":\"s8\",\"name\":\"a\",\"status\":\"initiated\"},"
        "{\"scene_index_id\":\"s9\",\"name\":\"x\",\"status\":\"done\"},"
        "{\"scene_index_id\":\"s10\",\"name\":\"x\",\"status\":\"done\"},"
        "{\"scene_index_id\":\"s11\",\"name\":\"x\",\"status\":\"failed\"}]}}";
    static const struct {
        const char *name, *id, *skip;
        enum videodb_says says;
        const char *found, *message;
    } cases[] = {
        {"a", "", "", VIDEODB_PROCESSING, "s8", ""},
        {"a", "s1", "", VIDEODB_SUCCESS, "s1", ""},
        {"b", "", "", VIDEODB_PROCESSING, "s2", ""},
        {"c", "", "", VIDEODB_FAILURE, "s3", "E"},
        {"d", "", "", VIDEODB_SUCCESS, "s4", ""},
        {"e", "", "", VIDEODB_PROCESSING, "s5", ""},
        {"f", "", "", VIDEODB_PROCESSING, "s6", ""},
        {"g", "", "", VIDEODB_FAILURE, "s7", "VideoDB gave no reason."},
        {"h", "", "", VIDEODB_MISSING, "", ""},
        {"a", "s0", "", VIDEODB_MISSING, "", ""},
        {"a", "", "s8", VIDEODB_SUCCESS, "s1", ""},
        {"a", "", "s8 s1", VIDEODB_MISSING, "", ""},
        {"a", "s1", "s1", VIDEODB_SUCCESS, "s1", ""},
        {"x", "", "", VIDEODB_SUCCESS, "s10", ""},
        {"x", "", "s10", VIDEODB_SUCCESS, "s9", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct videodb_answer answer;
        struct videodb_wanted wanted = {cases[i].name, cases[i].id, cases[i].skip};
        videodb_find_scene(&answer, slice_text(list), &wanted);
        cr_expect_eq(answer.says, cases[i].says, "case %zu", i);
        cr_expect(same(answer.scene_index_id, cases[i].found), "case %zu", i);
        cr_expect(same(answer.message, cases[i].message), "case %zu: %s", i, answer.message);
        videodb_answer_clear(&answer);
    }
}

/* One page of a walk: ids from `first` on, none named like what is looked for. */
static enum videodb_says turn(struct videodb_walk *walk, unsigned first, unsigned count)
{
    struct buffer list = BUFFER(1 << 20);
    struct videodb_answer answer;

    buffer_add_text(&list, "{\"success\":true,\"data\":{\"videos\":[");
    for (unsigned i = 0; i < count; i++)
        buffer_add_format(&list, "%s{\"id\":\"m-%u\",\"name\":\"n\"}", i > 0 ? "," : "", first + i);
    buffer_add_text(&list, "]}}");
    videodb_find_medium(&answer, buffer_slice(&list), &(struct videodb_wanted){"x", "", ""}, walk);
    enum videodb_says says = answer.says;
    videodb_answer_clear(&answer);
    buffer_clear(&list);
    return says;
}

/* Pages of an API that counts from 0; from 1; that gives fewer than asked; that knows no pages. */
static const struct {
    const char *what;
    struct {
        unsigned first, count;
    } pages[4];
    enum videodb_says end;
} walks[] = {
    {"an empty page", {{1, 3}, {4, 2}, {0, 0}}, VIDEODB_MISSING},
    {"counted from 1", {{1, 3}, {1, 3}, {4, 3}, {0, 0}}, VIDEODB_MISSING},
    {"no pages", {{1, 3}, {1, 3}, {1, 3}}, VIDEODB_MISSING},
    {"new ones while it goes on", {{3, 3}, {2, 4}, {2, 4}, {1, 0}}, VIDEODB_MISSING},
    {"no pages, and more than one", {{1, 5000}, {1, 5000}, {1, 5000}}, VIDEODB_UNREADABLE},
};

Test(videodb_find, walks_through_pages)
{
    for (size_t i = 0; i < COUNT(walks); i++) {
        struct videodb_walk walk = {0};
        enum videodb_says says = VIDEODB_PROCESSING;
        unsigned page = 0;
        for (; page < 4 && says == VIDEODB_PROCESSING; page++) {
            cr_expect_eq(walk.page, page, "%s", walks[i].what);
            says = turn(&walk, walks[i].pages[page].first, walks[i].pages[page].count);
        }
        cr_expect_eq(says, walks[i].end, "%s says %d on page %u", walks[i].what, (int)says, page);
        videodb_walk_clear(&walk);
    }
}

/* The page after the last one may be refused; the one after a full page may not. */
Test(videodb_find, a_page_is_refused)
{
    static const char refusal[] = "{\"success\":false,\"message\":\"Invalid page_index\"}";

    for (unsigned count = 3; count <= 5000; count += 4997) {
        struct videodb_walk walk = {0};
        struct videodb_answer answer;
        cr_expect_eq(turn(&walk, 1, count), VIDEODB_PROCESSING);
        videodb_find_medium(&answer, slice_text(refusal), &(struct videodb_wanted){"x", "", ""},
                            &walk);
        cr_expect_eq(answer.says, count == 3 ? VIDEODB_MISSING : VIDEODB_UNREADABLE);
        videodb_answer_clear(&answer);
        videodb_walk_clear(&walk);
    }
}
