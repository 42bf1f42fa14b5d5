#include <criterion/criterion.h>

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

/* The error of the item `text`, "" when it has none. The caller frees it. */
static char *error_of(const char *text)
{
    struct item item;

    item_parse(&item, slice_text(text), &defaults);
    char *error = xstrdup(item.error.text);
    item_clear(&item);
    return error;
}

Test(item_batch, batches_become_items)
{
    static const char text[] =
        "{\"type\":\"batch\",\"id\":\"b1\",\"tasks\":[{\"url\":\"http://h\",\"meta\":1.0},{ },"
        "{ \"id\":\"x\" , \"url\":\"http://i\" },{\"id\":7}]}";
    static const char *const members[] = {
        "{\"batch\":\"b1\",\"id\":\"b1.1\",\"url\":\"http://h\",\"meta\":1.0}",
        "{\"batch\":\"b1\",\"id\":\"b1.2\"}",
        "{\"batch\":\"b1\",\"id\":\"x\" , \"url\":\"http://i\"}",
        "{\"batch\":\"b1\",\"id\":7}",
    };
    struct item item;

    item_parse(&item, slice_text(text), &defaults);
    cr_assert_eq(item.kind, ITEM_BATCH, "%s", item.error.text);
    cr_expect_str_eq(item.id, "b1");
    cr_assert_eq(item.task_count, COUNT(members));
    for (size_t i = 0; i < COUNT(members); i++) {
        struct buffer out = BUFFER(4096);
        item_add_member(&out, &item, i);
        cr_expect_str_eq(buffer_text(&out), members[i]);
        struct item member;
        item_parse(&member, buffer_slice(&out), &defaults);
        cr_expect_eq(member.kind, i % 2 == 0 ? ITEM_TASK : ITEM_BAD, "member %zu", i);
        item_clear(&member);
        buffer_clear(&out);
    }
    item_clear(&item);
    cr_expect_null(item.tasks);

    item_parse(&item, slice_text("{\"type\":\"batch\",\"tasks\":[]}"), &defaults);
    cr_expect_eq(item.kind, ITEM_BATCH);
    cr_expect_null(item.id);
    cr_expect_eq(item.task_count, 0);
    item_clear(&item);
}

Test(item_batch, bad_batches_say_where)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\"type\":\"batch\"}", "tasks: is missing"},
        {"{\"type\":\"batch\",\"tasks\":{}}", "tasks: must be an array, is an object"},
        {"{\"type\":\"batch\",\"tasks\":[],\"meta\":1}", "unknown field \"meta\""},
        {"{\"type\":\"batch\",\"task\":[]}", "unknown field \"task\" (did you mean \"tasks\"?)"},
        {"{\"type\":\"batch\",\"id\":\"a b\",\"tasks\":[]}",
         "id: must be 1 to 128 letters, digits or _ - . :"},
        {"{\"type\":\"batch\",\"tasks\":[{},{},{},5]}", "tasks[3]: must be an object, is a number"},
        {"{\"type\":\"batch\",\"tasks\":[[]]}", "tasks[0]: must be an object, is an array"},
        {"{\"type\":\"batch\",\"tasks\":[{},{},{\"batch\":\"x\"}]}",
         "tasks[2].batch: belongs to the batch"},
        {"{\"type\":\"batch\",\"tasks\":[{\"b\\u0061tch_size\":1}]}",
         "tasks[0].batch_size: belongs to the batch"},
        {"{\"type\":\"batch\",\"tasks\":[{\"type\":\"batch\",\"tasks\":[]}]}",
         "tasks[0].type: a batch cannot stand in a batch"},
        {"{\"type\":\"batch\",\"tasks\":[{\"id\":\"x\"},{},{\"id\":\"\\u0078\"}]}",
         "tasks[2].id: \"x\" is given twice"},
        {"{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[{\"id\":\"b.2\"},{}]}",
         "tasks[1].id: \"b.2\" is given twice"},
        {"{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[{},{\"id\":\"b.1\"}]}",
         "tasks[1].id: \"b.1\" is given twice"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *result = error_of(cases[i].text);
        cr_expect_str_eq(result, cases[i].error, "%s\n  says: %s", cases[i].text, result);
        free(result);
    }
    char *twice = error_of("{\"type\":\"batch\",\"tasks\":[{\"id\":\"a b\"},{\"id\":\"a b\"}]}");
    cr_expect_str_eq(twice, "", "ids that are none are the members' own mistake");
    free(twice);
}

Test(item_batch, batches_have_limits)
{
    static const struct {
        const char *before, *unit;
        size_t fits;
        const char *after, *error;
    } cases[] = {
        {"{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[{}", ",{}", ITEM_MAX_BATCH - 1, "]}",
         "tasks: has 10001 entries: at most 10000 are allowed"},
        {"{\"type\":\"batch\",\"tasks\":[{}],\"id\":\"", "b", 126, "\"}",
         "id: too long: with the number of a task behind it, it is 129 bytes"},
        {"{\"type\":\"batch\",\"tasks\":[{", " ", ITEM_MAX_BYTES - 1026, "}]}",
         "tasks[0]: is 1047553 bytes: at most 1047552 are allowed"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t more = 0; more < 2; more++) {
            char *middle = repeat(cases[i].unit, cases[i].fits + more);
            char *text = xasprintf("%s%s%s", cases[i].before, middle, cases[i].after);
            struct item item;
            item_parse(&item, slice_text(text), &defaults);
            cr_expect_eq(item.kind, more ? ITEM_BAD : ITEM_BATCH, "case %zu, %zu over: %s", i, more,
                         item.error.text);
            cr_expect(!more || slice_is(slice_text(item.error.text), cases[i].error),
                      "case %zu: %s", i, item.error.text);
            item_clear(&item);
            free(text);
            free(middle);
        }
    }
}
