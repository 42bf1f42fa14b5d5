#include "cli/pty.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "base/clock.h"
#include "e2e/redis_users.h"

enum { WAIT_MS = 20000, LOOK_AGAIN_MS = 10, MAX_SEEN = 16 << 20 };

static void become(struct pty *pty, const char *url, const char *program, const char *const words[])
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close(pty->master);
    if (login_tty(pty->slave) != 0)
        _exit(127);
    (void)setenv("REELQ_REDIS_URL", url, 1);
    (void)setenv("REELQ", REELQ_BIN_DIR "/reelq", 1);
    (void)setenv("TERM", "xterm", 1);
    (void)setenv("LC_ALL", "C.UTF-8", 1);
    (void)setenv("TZ", "UTC", 1);
    (void)execvp(program, (char *const *)words);
    _exit(127);
}

void pty_start(struct pty *pty, const struct cli_site *site, const char *program,
               const char *const words[])
{
    struct winsize size = {.ws_row = 40, .ws_col = 120};
    char *url = redis_users_url(site->redis, site->user);
    const char *all[16] = {program != NULL ? program : "reelq"};
    size_t count = 1;

    for (; words[count - 1] != NULL; count++)
        all[count] = words[count - 1];
    *pty = (struct pty){.seen = BUFFER(MAX_SEEN)};
    cr_assert_eq(openpty(&pty->master, &pty->slave, NULL, NULL, &size), 0);
    cr_assert_eq(tcgetattr(pty->slave, &pty->before), 0);
    pty->pid = fork();
    cr_assert_geq(pty->pid, 0);
    if (pty->pid == 0)
        become(pty, url, program != NULL ? program : REELQ_BIN_DIR "/reelq", all);
    free(url);
}

void pty_size(struct pty *pty, unsigned rows, unsigned columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

    cr_assert_eq(ioctl(pty->master, TIOCSWINSZ, &size), 0);
}

void pty_press(struct pty *pty, const char *keys)
{
    cr_assert_eq(write(pty->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Has anything come? */
static bool read_some(struct pty *pty)
{
    struct pollfd source = {.fd = pty->master, .events = POLLIN};
    char bytes[4096];

    if (poll(&source, 1, LOOK_AGAIN_MS) <= 0)
        return false;
    ssize_t length = read(pty->master, bytes, sizeof(bytes));
    if (length > 0)
        buffer_add(&pty->seen, bytes, (size_t)length);
    return length > 0;
}

void pty_await(struct pty *pty, const char *text)
{
    int64_t end_ms = clock_monotonic_ms() + WAIT_MS;
    const char *found;

    while ((found = strstr(buffer_text(&pty->seen) + pty->mark, text)) == NULL) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "\"%s\" is not in: %s", text,
                     buffer_text(&pty->seen) + pty->mark);
        (void)read_some(pty);
    }
    pty->mark = (size_t)(found - buffer_text(&pty->seen)) + strlen(text);
}

int pty_end(struct pty *pty)
{
    int64_t end_ms = clock_monotonic_ms() + WAIT_MS;
    int status = 0;

    while (waitpid(pty->pid, &status, WNOHANG) != pty->pid) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "it does not end");
        (void)read_some(pty);
    }
    pty->pid = 0;
    while (read_some(pty))
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static unsigned times(const struct pty *pty, const char *part)
{
    unsigned found = 0;

    for (const char *at = buffer_text(&pty->seen); (at = strstr(at, part)) != NULL; at++)
        found++;
    return found;
}

bool pty_restored(struct pty *pty)
{
    struct termios now;

    cr_assert_eq(tcgetattr(pty->slave, &now), 0);
    return now.c_iflag == pty->before.c_iflag && now.c_oflag == pty->before.c_oflag &&
           now.c_lflag == pty->before.c_lflag &&
           memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) == 0 &&
           times(pty, "\x1b[?1049h") == times(pty, "\x1b[?1049l") &&
           times(pty, "\x1b[?25l") == times(pty, "\x1b[?25h");
}

void pty_close(struct pty *pty)
{
    if (pty->pid > 0) {
        (void)kill(pty->pid, SIGKILL);
        (void)waitpid(pty->pid, NULL, 0);
    }
    (void)close(pty->master);
    (void)close(pty->slave);
    buffer_clear(&pty->seen);
}
