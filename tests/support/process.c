#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"

enum { END_MS = 20000, START_MS = 20000, LOOK_AGAIN_MS = 2, MAX_LISTENERS = 4 };

/* A stream goes to a file in memory: it can be read at any time, and never blocks the writer. */
struct capture {
    int fd;
    char *text;
};

struct process {
    pid_t pid;
    bool ended;
    int status;
    struct capture output, log;
    char *addresses[MAX_LISTENERS];
    size_t address_count;
};

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "process: %s: %s\n", what, detail);
    abort();
}

/* --- start ------------------------------------------------------------------------------------ */

static size_t add_inherited(const char *words[PROCESS_MAX_WORDS + 8], size_t count)
{
    static const char *const names[] = {
        "PATH=", "TMPDIR=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS=", "LD_LIBRARY_PATH="};

    for (char **entry = environ; *entry != NULL; entry++)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (strncmp(*entry, names[i], strlen(names[i])) == 0)
                words[count++] = *entry;
    words[count] = NULL;
    return count;
}

static size_t add_words(const char **words, size_t count, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        if (i == PROCESS_MAX_WORDS)
            fail("start", "too many words");
        words[count++] = more[i];
    }
    words[count] = NULL;
    return count;
}

static void become(const struct process *process, const struct process_options *options,
                   pid_t parent)
{
    const char *arguments[PROCESS_MAX_WORDS + 2] = {options->program};
    const char *environment[PROCESS_MAX_WORDS + 8];
    sigset_t none;

    (void)add_words(arguments, 1, options->arguments);
    (void)add_inherited(environment, add_words(environment, 0, options->environment));
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)dup2(process->output.fd, STDOUT_FILENO);
    (void)dup2(process->log.fd, STDERR_FILENO);
    (void)execve(options->program, (char *const *)arguments, (char *const *)environment);
    (void)dprintf(STDERR_FILENO, "%s: %s\n", options->program, strerror(errno));
    _exit(127);
}

static void open_capture(struct capture *capture)
{
    capture->fd = memfd_create("capture", MFD_CLOEXEC);
    if (capture->fd == -1 || fcntl(capture->fd, F_SETFL, O_APPEND) == -1)
        fail("memfd_create", strerror(errno));
}

struct process *process_start(const struct process_options *options)
{
    struct process *process = xcalloc(1, sizeof(*process));
    pid_t parent = getpid();

    open_capture(&process->output);
    open_capture(&process->log);
    process->pid = fork();
    if (process->pid == -1)
        fail("fork", strerror(errno));
    if (process->pid == 0)
        become(process, options, parent);
    return process;
}

/* --- end -------------------------------------------------------------------------------------- */

bool process_ended(struct process *process)
{
    int status;

    if (process->ended)
        return true;
    if (waitpid(process->pid, &status, WNOHANG) != process->pid)
        return false;
    process->ended = true;
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return true;
}

static void pause_a_little(void)
{
    (void)poll(NULL, 0, LOOK_AGAIN_MS);
}

int process_wait(struct process *process)
{
    int64_t end_ms = clock_monotonic_ms() + END_MS;

    while (!process_ended(process)) {
        if (clock_monotonic_ms() > end_ms)
            fail("does not end; its log", process_log(process));
        pause_a_little();
    }
    return process->status;
}

void process_signal(const struct process *process, int number)
{
    if (!process->ended && kill(process->pid, number) == -1)
        fail("kill", strerror(errno));
}

pid_t process_pid(const struct process *process)
{
    return process->pid;
}

static void close_capture(struct capture *capture)
{
    (void)close(capture->fd);
    free(capture->text);
}

void process_free(struct process *process)
{
    if (process == NULL)
        return;
    if (!process_ended(process)) {
        process_signal(process, SIGKILL);
        (void)process_wait(process);
    }
    close_capture(&process->output);
    close_capture(&process->log);
    for (size_t i = 0; i < process->address_count; i++)
        free(process->addresses[i]);
    free(process);
}

int process_run(const struct process_options *options, struct process **process)
{
    *process = process_start(options);
    return process_wait(*process);
}

/* --- what it says ----------------------------------------------------------------------------- */

static const char *read_capture(struct capture *capture)
{
    struct stat file;

    if (fstat(capture->fd, &file) == -1)
        fail("fstat", strerror(errno));
    capture->text = xrealloc(capture->text, (size_t)file.st_size + 1, 1);
    ssize_t count = pread(capture->fd, capture->text, (size_t)file.st_size, 0);
    capture->text[count > 0 ? count : 0] = '\0';
    return capture->text;
}

const char *process_output(struct process *process)
{
    return read_capture(&process->output);
}

const char *process_log(struct process *process)
{
    return read_capture(&process->log);
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

bool process_wait_log(struct process *process, const char *text, unsigned count, int64_t ms)
{
    int64_t end_ms = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() <= end_ms) {
        bool last = process_ended(process); // looked at first: what it said before its end counts
        if (occurrences(process_log(process), text) >= count)
            return true;
        if (last)
            return false;
        pause_a_little();
    }
    return false;
}

const char *process_address(struct process *process, const char *listener)
{
    char *text = xasprintf("listening listener=%s address=", listener);

    if (process->address_count == MAX_LISTENERS || !process_wait_log(process, text, 1, START_MS))
        fail("does not listen; its log", process_log(process));
    /* The log writes whole lines. */
    struct slice rest = slice_text(strstr(process->log.text, text) + strlen(text));
    free(text);
    char *address = slice_copy(slice_head(rest, slice_find(rest, '\n')));
    process->addresses[process->address_count++] = address;
    return address;
}
