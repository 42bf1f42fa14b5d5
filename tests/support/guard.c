#include "support/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temp_dir.h"

/* Added to the status of a run whose folder stays. */
enum { KEEP = 64, BROKEN = 2 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

bool guard_interrupted(void)
{
    return interrupted != 0;
}

/* Signals that tell either process to end; without SA_RESTART, so that waiting stops. */
static void handle_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)sigaction(numbers[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

__attribute__((noreturn)) static void become_run(guard_fn fn, const char *folder, void *arg)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setsid();
    (void)setenv("TMPDIR", folder, 1);
    struct guard_result result = fn(folder, arg);
    (void)fflush(NULL);
    exit(result.status + (result.keep ? KEEP : 0));
}

/* Passes the wish to end on; a second one is no wish any more. */
static int await(const char *name, pid_t run)
{
    int status, told = 0;

    while (waitpid(run, &status, 0) != run) {
        if (errno != EINTR)
            return BROKEN;
        (void)kill(run, told++ == 0 ? SIGTERM : SIGKILL);
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    (void)fprintf(stderr, "%s: the run was ended by signal %d\n", name, WTERMSIG(status));
    return BROKEN;
}

int guard_run(const char *name, guard_fn fn, void *arg)
{
    char *folder = temp_dir_make(name);

    handle_signals();
    (void)fflush(NULL);
    pid_t run = fork();
    if (run == 0)
        become_run(fn, folder, arg);
    int status = run > 0 ? await(name, run) : BROKEN;
    if ((status & KEEP) == 0 || status >= 2 * KEEP) {
        temp_dir_remove(folder);
        return status;
    }
    free(folder);
    return status - KEEP;
}
