#include <stdlib.h>

#include "base/xalloc.h"
#include "support/steps.h"

Test(queue_read, every_field_by_its_name)
{
#define X(name) #name,
    static const char *const names[] = {RECORD_FIELDS(X)};
#undef X
    struct queue_fixture *f = queue_fixture_new();
    struct record *record = steps_read(f, "a/words");

    cr_assert_not_null(record);
    cr_expect(record_is(record, RECORD_state, ""), "no such task");
    cr_expect(record->now_ms > 1600000000000);
    queue_fixture_ask(f, "HSET q:task:a/words video of-no-interest");
    for (int i = 0; i < RECORD_COUNT; i++) {
        queue_fixture_ask(f, "HSET q:task:a/words %s value-of-%s", names[i], names[i]);
    }
    record = steps_read(f, "a/words");
    cr_expect_str_eq(record->id, "a/words");
    for (int i = 0; i < RECORD_COUNT; i++) {
        char *expected = xasprintf("value-of-%s", names[i]);
        cr_expect(record_is(record, (enum record_field)i, expected), "%s", names[i]);
        free(expected);
    }
    queue_fixture_free(f);
}

Test(queue_read, only_a_record_is_one)
{
    struct queue_fixture *f = queue_fixture_new();

    queue_fixture_ask(f, "SET q:task:a text");
    cr_expect_null(steps_read(f, "a"), "as if Redis were away");
    queue_fixture_free(f);
}
