/* What every program does before anything else. */
#include <criterion/criterion.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/program.h"

/* With the first option too: also --check-config has read the secrets. */
Test(program, forbids_core_files_and_debuggers)
{
    struct config config;
    struct program_spec spec = {.name = "test", .purpose = "", .config = &config};
    char *const arguments[] = {(char[]){"test"}, (char[]){"--version"}, NULL};
    struct rlimit limit;

    cr_assert_eq(prctl(PR_GET_DUMPABLE), 1);
    cr_expect_eq(program_main(2, arguments, &spec, NULL), 0);
    cr_expect_eq(prctl(PR_GET_DUMPABLE), 0);
    cr_assert_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    cr_expect(limit.rlim_cur == 0 && limit.rlim_max == 0);
}
