#include <string.h>

#include <criterion/criterion.h>

#include "cost/tool.h"
#include "cost/verdict.h"

static struct figures one(const char *name, double value)
{
    struct figures figures = {.count = 0};
    figures_add(&figures, name, value);
    return figures;
}

/* --- figures ---------------------------------------------------------------------------------- */

Test(figures, text_brings_back_what_was_written)
{
    struct buffer text = BUFFER(4096);
    struct figures figures = one("worker syscall write", 23.04), back;

    figures_add(&figures, "worker instructions", 1048377);
    figures_write(&text, &figures);
    cr_assert(figures_read(&back, buffer_slice(&text), NULL));
    cr_assert_eq(back.count, 2);
    cr_assert_float_eq(figures_get(&back, "worker syscall write"), 23.04, 1e-9);
    cr_assert_float_eq(figures_get(&back, "worker instructions"), 1048377, 1e-9);
    buffer_clear(&text);
}

Test(figures, comments_and_empty_lines_are_skipped)
{
    struct figures figures;

    cr_assert(figures_read(&figures, slice_text("# a 1\n\n  b c 2.5\n"), NULL));
    cr_assert_eq(figures.count, 1);
    cr_assert_float_eq(figures_get(&figures, "b c"), 2.5, 1e-9);
}

Test(figures, a_line_without_name_or_number_is_refused)
{
    static const char *const bad[] = {"a", "12", "a b", "a 1x", "a nan", "a  "};
    struct figures figures;
    struct error error;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(figures_read(&figures, slice_text(bad[i]), &error), "%s", bad[i]);
}

Test(figures, are_restricted_by_the_beginning_of_their_names)
{
    struct figures figures = one("worker syscall write", 1);

    figures_add(&figures, "redis bytes in", 2);
    figures_add(&figures, "my redis", 3);
    figures_restrict(&figures, "redis ");
    cr_assert_eq(figures.count, 1);
    cr_assert_float_eq(figures_get(&figures, "redis bytes in"), 2, 1e-9);
}

Test(figures, a_unit_is_the_difference_of_two_runs)
{
    struct figures more = one("a", 130), less = one("a", 30), each = {.count = 0};

    figures_add(&more, "late", 10);
    figures_per_unit(&each, &more, &less, 100);
    cr_assert_float_eq(figures_get(&each, "a"), 1, 1e-9);
    cr_assert_float_eq(figures_get(&each, "late"), 0.1, 1e-9);
}

Test(figures, what_comes_in_few_parts_is_not_in_the_median)
{
    struct figures parts[3] = {one("a", 5), one("a", 9), one("a", 5)}, median = {.count = 0};

    figures_add(&parts[2], "seldom", 3);
    figures_median(&median, parts, 3);
    cr_assert_float_eq(figures_get(&median, "a"), 5, 1e-9);
    cr_assert_float_eq(figures_get(&median, "seldom"), 0, 1e-9);
}

/* --- what the tools write --------------------------------------------------------------------- */

Test(tool, reads_the_calls_of_each_name)
{
    struct figures figures = {.count = 0};

    tool_read_strace(&figures,
                     slice_text("67  write(0x5, 0x7f, 0x9) = 0x9\n67  epoll_wait(0x4, 0x5 = 0x1\n"
                                "68  write(0x5 <unfinished ...>\n68  <... write resumed>) = 0x1\n"
                                "67  +++ exited with 0 +++\n67  read(0x"),
                     "worker");
    cr_assert_eq(figures.count, 3);
    cr_assert_float_eq(figures_get(&figures, "worker syscall write"), 2, 1e-9);
    cr_assert_float_eq(figures_get(&figures, "worker syscall epoll_wait"), 1, 1e-9);
    cr_assert_float_eq(figures_get(&figures, "worker syscall read"), 1, 1e-9);
}

Test(tool, reads_instructions_and_the_calls_of_allocators)
{
    struct figures figures = {.count = 0};

    tool_read_callgrind(&figures,
                        slice_text("fn=main\n1 2\ncob=libc\ncfn=malloc\ncalls=3 0\n1 300\n"
                                   "cfn=free\ncalls=50 0\n1 9\ncfn=realloc\ncalls=4 0\n1 1\n"
                                   "summary: 4567\n\ntotals: 4567\n"),
                        "webhook");
    cr_assert_eq(figures.count, 2);
    cr_assert_float_eq(figures_get(&figures, "webhook allocations"), 7, 1e-9);
    cr_assert_float_eq(figures_get(&figures, "webhook instructions"), 4567, 1e-9);
}

/* --- verdict ---------------------------------------------------------------------------------- */

static struct verdict judge(const char *name, double kept, double now)
{
    struct buffer lines = BUFFER(4096);
    struct figures before = one(name, kept), after = one(name, now);
    struct verdict verdict = verdict_add(&lines, "file", &before, &after);

    cr_assert_eq(strstr(buffer_text(&lines), name) != NULL, verdict.grew + verdict.shrank == 1);
    buffer_clear(&lines);
    return verdict;
}

static bool grew(const char *name, double kept, double now)
{
    struct verdict verdict = judge(name, kept, now);
    cr_assert_eq(verdict.shrank, 0);
    return verdict.grew == 1;
}

Test(verdict, more_than_a_twentieth_is_growth)
{
    cr_assert_not(grew("worker instructions", 1000000, 1050000));
    cr_assert(grew("worker instructions", 1000000, 1050001));
    cr_assert_not(grew("redis bytes in", 8000, 8400));
    cr_assert(grew("redis bytes in", 8000, 8401));
}

Test(verdict, one_more_of_a_name_is_growth_however_many_there_are)
{
    cr_assert(grew("worker syscall write", 100, 101));
    cr_assert(grew("redis command hget", 30, 31));
    cr_assert(grew("webhook syscall write", 1, 1.5));
}

Test(verdict, noise_is_no_growth)
{
    cr_assert_not(grew("redis command zrangebyscore", 12.3, 12.7));
    cr_assert_not(grew("webhook syscall epoll_wait", 2, 2.09));
    cr_assert_not(grew("redis command ping", 0, 0.1));
}

Test(verdict, less_is_told_and_is_no_growth)
{
    struct verdict verdict = judge("worker syscall write", 23, 22);

    cr_assert_eq(verdict.grew, 0);
    cr_assert_eq(verdict.shrank, 1);
}

Test(verdict, what_is_new_grew_and_what_is_gone_shrank)
{
    struct buffer lines = BUFFER(4096);
    struct figures kept = one("worker syscall read", 3), now = one("worker syscall recvmsg", 3);
    struct verdict verdict = verdict_add(&lines, "kept.txt", &kept, &now);

    cr_assert_eq(verdict.grew, 1);
    cr_assert_eq(verdict.shrank, 1);
    cr_assert_str_eq(buffer_text(&lines),
                     "GREW    worker syscall recvmsg: 0.00 in kept.txt, 3.00 now\n"
                     "shrank  worker syscall read: 3.00 in kept.txt, 0.00 now, -100.0 %\n");
    buffer_clear(&lines);
}

Test(verdict, rare_calls_are_not_kept)
{
    struct figures now = one("worker syscall write", 23), keep = {.count = 0};

    figures_add(&now, "redis command ping", 0.02);
    figures_add(&now, "redis bytes in", 8000);
    verdict_keep(&keep, &now);
    cr_assert_eq(keep.count, 2);
    cr_assert_str_eq(keep.list[0].name, "redis bytes in");
    cr_assert_str_eq(keep.list[1].name, "worker syscall write");
}
