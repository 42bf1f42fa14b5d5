/* What reelq submit reads: lists of URLs, JSON lines, CSV; and what it says of mistakes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/input.h"

static const struct draft_defaults none = {0};

/* The items of a text, one a line. */
static const char *items(const char *text, const char *batch, const struct draft_defaults *defaults)
{
    static struct buffer out = BUFFER(1 << 20);
    struct input input;
    struct error error;

    buffer_reset(&out);
    input_init(&input, batch);
    if (!input_add_text(&input, "list", slice_text(text), &error)) {
        buffer_add_text(&out, error.text);
    } else {
        for (size_t i = 0; i < input.count; i++) {
            draft_add_item(&out, &input.drafts[i], ids_name(input.ids, i), defaults);
            buffer_add_char(&out, '\n');
        }
    }
    input_clear(&input);
    return buffer_text(&out);
}

static const char *read_as(const char *text)
{
    return items(text, "b", &none);
}

Test(input, lines_of_urls)
{
    cr_expect_str_eq(
        read_as("# mine\r\nhttps://e.com/a,b.mp4\r\n\n  http://e.com/\"x\n"),
        "list: line 4: url http://e.com/\"x: must not hold the byte 0x22 (at byte 13)");
    cr_expect_str_eq(read_as("# mine\r\nhttps://e.com/a,b.mp4\r\n\n  http://e.com/x  \n"),
                     "{\"id\":\"b.1\",\"url\":\"https://e.com/a,b.mp4\"}\n"
                     "{\"id\":\"b.2\",\"url\":\"http://e.com/x\"}\n");
}

Test(input, lines_of_json_are_handed_on_as_they_are)
{
    cr_expect_str_eq(
        read_as("{ \"url\" : \"https://e.com/a\", \"meta\":{\"n\":1.0} }\n"
                "{\"id\":\"own\",\"url\":\"https://e.com/b\"}\n"
                "{\"type\":\"index\",\"video_id\":\"m-1\",\"index\":\"scenes\"}"),
        "{\"id\":\"b.1\",\"url\" : \"https://e.com/a\", \"meta\":{\"n\":1.0}}\n"
        "{\"id\":\"own\",\"url\":\"https://e.com/b\"}\n"
        "{\"id\":\"b.3\",\"type\":\"index\",\"video_id\":\"m-1\",\"index\":\"scenes\"}\n");
}

Test(input, rows_of_csv)
{
    cr_expect_str_eq(
        read_as("\xef\xbb\xbfid,url,name,index,meta.row,max_attempts\r\n"
                "one,https://e.com/a,\"A \"\"good\"\", long\nname\",none,7,2\r\n"
                "\r\n"
                ",https://e.com/b,,\"spoken_words,scenes\"\n"),
        "{\"id\":\"one\",\"url\":\"https://e.com/a\",\"name\":\"A \\\"good\\\", long\\nname\","
        "\"index\":[],\"max_attempts\":2,\"meta\":{\"row\":\"7\"}}\n"
        "{\"id\":\"b.2\",\"url\":\"https://e.com/b\",\"index\":[\"spoken_words\",\"scenes\"]}\n");
    cr_expect_str_eq(read_as("url\nhttps://e.com/a\n"),
                     "{\"id\":\"b.1\",\"url\":\"https://e.com/a\"}\n");
}

Test(input, options_are_for_tasks_that_do_not_say_otherwise)
{
    struct draft_defaults defaults = {
        .batch = "b", .index = "[]", .collection = "c", .batch_size = 2};

    cr_expect_str_eq(items("https://e.com/a\n"
                           "{\"id\":\"x\",\"url\":\"https://e.com/b\",\"index\":[\"scenes\"],"
                           "\"collection_id\":\"d\",\"batch\":\"z\"}\n",
                           "b", &defaults),
                     "{\"id\":\"b.1\",\"batch\":\"b\",\"batch_size\":2,\"index\":[],"
                     "\"collection_id\":\"c\",\"url\":\"https://e.com/a\"}\n"
                     "{\"id\":\"x\",\"url\":\"https://e.com/b\",\"index\":[\"scenes\"],"
                     "\"collection_id\":\"d\",\"batch\":\"z\"}\n");
}

Test(input, mistakes_are_named_with_their_line)
{
    static const struct {
        const char *text, *error;
    } mistakes[] = {
        {"https://e.com/a\nftp://e.com/b\n", "list: line 2: url ftp://e.com/b: must start with"},
        {"{\"url\":\"https://e.com/a\"", "list: line 1: "},
        {"{\"id\":\"a\"}", "list: line 1: url: expected the http or https URL of a video"},
        {"{\"id\":\"a b\",\"url\":\"https://e.com/a\"}", "list: line 1: id \"a b\": expected"},
        {"{\"type\":\"batch\",\"tasks\":[]}", "give its tasks one a line, and --batch"},
        {"{\"type\":\"x\"}", "type: expected upload or index"},
        {"{\"url\":\"https://e.com/a\",\"url\":\"https://e.com/b\"}", "\"url\" is given twice"},
        {"{\"id\":\"a\",\"url\":\"https://e.com/a\"}\n{\"id\":\"a\",\"url\":\"https://e.com/a\"}",
         "list: line 2: id a is there twice"},
        {"url,naem\nhttps://e.com/a,x\n", "list: line 1: column naem: expected url, id, name"},
        {"url,url\n", "column url is there twice"},
        {"url\nhttps://e.com/a,b\n", "list: line 2: 2 fields, and the header has 1"},
        {"url,name\nhttps://e.com/a,\"b\n", "line 2: a quote is not closed"},
        {"url,index\nhttps://e.com/a,words\n", "line 2: --index words: expected spoken_words"},
        {"url,max_attempts\nhttps://e.com/a,many\n",
         "line 2: max_attempts many: expected a number"},
        {"id,url\nx,\n", "line 2: url: expected the http or https URL"},
    };

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const char *said = read_as(mistakes[i].text);
        cr_expect_not_null(strstr(said, mistakes[i].error), "%s: %s", mistakes[i].text, said);
    }
}

Test(input, what_has_no_id_and_no_batch_gets_one_at_random)
{
    const char *said = items("https://e.com/a\n", NULL, &none);

    cr_expect_eq(strncmp(said, "{\"id\":\"t-", 9), 0, "%s", said);
}

Test(input, index_lists)
{
    static const struct {
        const char *list, *json;
    } lists[] = {
        {"none", "[]"},
        {"scenes", "[\"scenes\"]"},
        {"spoken_words, scenes", "[\"spoken_words\",\"scenes\"]"},
        {"{\"type\":\"scenes\"}", "[{\"type\":\"scenes\"}]"},
        {"[\"scenes\"]", "[\"scenes\"]"},
    };
    struct error error;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        char *made = draft_index(lists[i].list, &error);
        cr_expect_str_eq(made, lists[i].json);
        free(made);
    }
    cr_expect_null(draft_index("[", &error));
    cr_expect_null(draft_index("words", &error));
    cr_expect_not_null(strstr(error.text, "--index words: expected spoken_words, scenes"));
}

Test(ids, many)
{
    struct ids *ids = ids_new();
    char name[32];

    for (int i = 0; i < 10000; i++) {
        int length = snprintf(name, sizeof(name), "task-%d", i);
        cr_assert(ids_add(ids, slice_make(name, (size_t)length)));
    }
    cr_expect_not(ids_add(ids, slice_text("task-77")));
    cr_expect_eq(ids_count(ids), 10000);
    cr_expect_eq(ids_find(ids, slice_text("task-9999")), 9999);
    cr_expect_eq(ids_find(ids, slice_text("task-10000")), -1);
    *ids_value(ids, 5) = 2;
    cr_expect_eq(*ids_value(ids, (size_t)ids_find(ids, slice_text("task-5"))), 2);
    ids_free(ids);
}
