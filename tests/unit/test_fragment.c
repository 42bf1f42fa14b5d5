#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "worker/fragment.h"

static struct record *make(const char *kind, const char *label)
{
    struct record *record = record_new("t-1");
    record_set(record, RECORD_kind, kind);
    record_set(record, RECORD_label, label);
    record_set(record, RECORD_attempt, "2");
    return record;
}

/* Takes the text over. */
static void expect(char *text, const char *expected)
{
    cr_expect_str_eq(text, expected);
    free(text);
}

Test(fragment, says_where_and_why)
{
    struct record *upload = make("upload", ""), *index = make("index", "scenes_2");

    expect(fragment_attempt(upload, NULL), "\"attempt\":2");
    expect(fragment_attempt(upload, "a \"b\""), "\"attempt\":2,\"error\":\"a \\\"b\\\"\"");
    expect(fragment_failure(upload, "no", "do"),
           "\"stage\":\"upload\",\"error\":\"no\",\"action\":\"do\"");
    expect(fragment_failure(index, "no", ""), "\"stage\":\"index:scenes_2\",\"error\":\"no\"");
    expect(fragment_index_state(NULL, NULL), "{\"state\":\"done\"}");
    expect(fragment_index_state("f4", NULL), "{\"state\":\"done\",\"scene_index_id\":\"f4\"}");
    expect(fragment_index_state(NULL, "no"), "{\"state\":\"failed\",\"error\":\"no\"}");
    expect(fragment_indexes(index, "{\"state\":\"done\"}"),
           "\"indexes\":{\"scenes_2\":{\"state\":\"done\"}}");
    record_free(upload);
    record_free(index);
}

/* What VideoDB says may be long; what is kept of it must still be JSON. */
Test(fragment, is_never_cut)
{
    struct record *upload = make("upload", "");
    size_t length = 100000;
    char *message = xcalloc(1, length + 1);

    for (size_t i = 0; i < length; i++)
        message[i] = i % 2 == 0 ? '"' : 'x';
    message[length] = '\0';
    char *text = fragment_failure(upload, message, "do");
    cr_expect(text[0] == '"' && strlen(text) > 100, "%.40s", text);
    cr_expect_str_eq(text + strlen(text) - 14, ",\"action\":\"do\"");
    free(text);
    free(message);
    record_free(upload);
}
