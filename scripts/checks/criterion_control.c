/* Tests that go wrong in ways that Criterion by itself lets pass, and one that is sound: the check
 * `criterion` runs each through tests/run_criterion.sh and sees whether the wrapper says so. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile lost;

Test(control, sound)
{
    cr_expect(lost == NULL);
}

Test(control, leaking)
{
    lost = malloc(64);
    lost = NULL;
}

static void overflow(void)
{
    char *volatile bytes = malloc(8);
    bytes[8] = 1;
    free(bytes);
}

Test(control, overflowing)
{
    overflow();
}

Test(control, overflowing_child)
{
    pid_t child = fork();

    if (child == 0) {
        overflow();
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
}

Test(control, failing)
{
    cr_expect(lost != NULL);
}
