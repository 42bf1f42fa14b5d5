#include "support/steps.h"

#define COMPLETE(total)                                                                            \
    "batch {\"event\":\"batch\",\"id\":\"b\",\"total\":" #total ",\"ready\":0,\"failed\":0}\n"

static struct submission_expand batch_of(struct queue_fixture *f, int64_t total)
{
    steps_push(f, "{}");
    cr_assert_eq(steps_claim(f, 1), 1);
    return (struct submission_expand){
        .member = slice_text(f->members[0]), .batch = "b", .total = total};
}

Test(script_expand, slices_from_the_end_come_out_in_order)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_expand expand = batch_of(f, 4);
    const struct slice last[] = {slice_text("{3}"), slice_text("{4}")};
    const struct slice first[] = {slice_text("{1}"), slice_text("{2}")};

    steps_push(f, "{5}");
    expand.count = 2;
    expand.items = last;
    cr_expect_eq(steps_expand(f, &expand), 2);
    EXPECT_ASK(f, "4 4 2", "HMGET q:batch:b total batch_items expanded");
    EXPECT_ASK(f, "1", "ZCARD q:taken");
    cr_expect_eq(steps_expand(f, &expand), 2, "twice");
    EXPECT_ASK(f, "3", "LLEN q:tasks");
    expand.expanded = 2;
    expand.items = first;
    cr_expect_eq(steps_expand(f, &expand), 4);
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    cr_expect_eq(steps_expand(f, &expand), 4, "twice");
    EXPECT_ASK(f, "{5} {4} {3} {2} {1}", "LRANGE q:tasks 0 -1");
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_SOUND(f);
    queue_fixture_free(f);
}

Test(script_expand, the_same_batch_again_does_nothing_and_another_of_its_name_is_said)
{
    struct queue_fixture *f = queue_fixture_new();
    const struct slice items[] = {slice_text("{1}"), slice_text("{2}")};
    struct submission_expand expand = batch_of(f, 1);

    expand.items = items;
    expand.count = 1;
    steps_expand(f, &expand);
    queue_fixture_ask(f, "DEL q:tasks");
    expand = batch_of(f, 1);
    expand.items = items;
    expand.count = 1;
    cr_expect_eq(steps_expand(f, &expand), 1);
    EXPECT_ASK(f, "0", "EXISTS q:tasks q:taken");

    expand = batch_of(f, 2);
    expand.items = items;
    expand.count = 2;
    cr_expect_eq(steps_expand(f, &expand), SUBMISSION_OTHER_SIZE);
    EXPECT_ASK(f, "1", "ZCARD q:taken");
    EXPECT_ASK(f, "0", "EXISTS q:tasks");
    EXPECT_ASK(f, "1 1", "HMGET q:batch:b total expanded");
    queue_fixture_free(f);
}

Test(script_expand, an_empty_batch_is_complete_at_once_and_once)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_expand expand = batch_of(f, 0);

    cr_expect_eq(steps_expand(f, &expand), 0);
    cr_expect_str_eq(queue_fixture_messages(f), COMPLETE(0));
    EXPECT_ASK(f, "0", "EXISTS q:taken q:tasks");
    EXPECT_SOUND(f);
    expand = batch_of(f, 0);
    cr_expect_eq(steps_expand(f, &expand), 0);
    cr_expect_str_eq(queue_fixture_messages(f), "");
    EXPECT_ASK(f, "0", "EXISTS q:taken");
    queue_fixture_free(f);
}

Test(script_expand, a_size_given_before_stays)
{
    struct queue_fixture *f = queue_fixture_new();
    struct submission_expand expand;
    const struct slice item = slice_text("{1}");

    steps_start(f, "a", "b", 5);
    expand = batch_of(f, 1);
    expand.items = &item;
    expand.count = 1;
    cr_expect_eq(steps_expand(f, &expand), 1);
    EXPECT_ASK(f, "5 1", "HMGET q:batch:b total batch_items");
    queue_fixture_free(f);
}
