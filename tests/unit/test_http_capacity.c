#include <criterion/criterion.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "net/http_capacity.h"

Test(http_capacity, asks_for_descriptors_and_keeps_some)
{
    static const struct {
        rlim_t soft, hard;
        unsigned wanted, possible;
        rlim_t soft_after;
    } cases[] = {
        // the hard limit cannot be raised again: it only sinks
        {1024, 4096, 64, 64, 1024},        {1024, 4096, 864, 864, 1024},
        {1024, 4096, 865, 865, 1025},      {1024, 4096, 3936, 3936, 4096},
        {1024, 4096, 1000000, 3936, 4096}, {320, 320, 160, 160, 320},
        {318, 318, 1000, 159, 318},        {100, 100, 1000, 50, 100},
        {100, 100, 50, 50, 100},
    };

    log_set_level(LOG_LEVEL_ERROR);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rlimit limit = {.rlim_cur = cases[i].soft, .rlim_max = cases[i].hard};
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        cr_expect_eq(http_capacity("test", cases[i].wanted), cases[i].possible, "case %zu", i);
        cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        cr_expect_eq(limit.rlim_cur, cases[i].soft_after, "case %zu: %llu", i,
                     (unsigned long long)limit.rlim_cur);
        cr_expect_eq(limit.rlim_max, cases[i].hard, "case %zu", i);
    }
}

/* In a child, which leaves without what a process may still need descriptors for. */
Test(http_capacity, is_never_none)
{
    struct rlimit limit = {.rlim_cur = 1, .rlim_max = 1};
    int status = -1;

    log_set_level(LOG_LEVEL_ERROR);
    pid_t child = fork();
    if (child == 0)
        _exit(setrlimit(RLIMIT_NOFILE, &limit) == 0 && http_capacity("test", 1000) == 1 ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
