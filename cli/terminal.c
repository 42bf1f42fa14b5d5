/* terminal_enter -> terminal_wait ... -> terminal_leave; or on_stop a second time, on_crash, exit()
 * -> restore */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The alternate screen, without a cursor and without wrapping lines. */
static const char enter[] = "\x1b[?1049h\x1b[?25l\x1b[?7l";
static const char leave[] = "\x1b[?7h\x1b[?25h\x1b[?1049l";

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int crashes[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

static struct termios before;
static volatile sig_atomic_t entered, keyed, stopped, resized;
static int wake[2] = {-1, -1}; /* a byte in it ends a wait */
static bool deaf;              /* no keys come any more */

/* Also from a signal handler: only what is allowed there. */
static void restore(void)
{
    if (!entered)
        return;
    entered = 0;
    ssize_t written = write(STDOUT_FILENO, leave, sizeof(leave) - 1);
    (void)written;
    if (keyed)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void die_of(int number)
{
    restore();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void wake_up(void)
{
    int error = errno;
    ssize_t written = write(wake[1], "", 1);

    (void)written;
    errno = error;
}

static void on_stop(int number)
{
    if (stopped)
        die_of(number);
    stopped = 1;
    wake_up();
}

static void on_crash(int number)
{
    die_of(number);
}

static void on_resize(int number)
{
    (void)number;
    resized = 1;
    wake_up();
}

/* Without SA_RESTART: a wait must come back. With SA_NODEFER: die_of() raises it again. */
static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_NODEFER},
                     crash = {.sa_handler = on_crash, .sa_flags = SA_NODEFER},
                     resize = {.sa_handler = on_resize, .sa_flags = SA_RESTART};

    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        (void)sigaction(stops[i], &stop, NULL);
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        (void)sigaction(crashes[i], &crash, NULL);
    (void)sigaction(SIGWINCH, &resize, NULL);
}

/* Keys come one by one and unseen; Ctrl-C stays a signal; Ctrl-Z would leave the screen as it is.
 */
static void take_keys(void)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        deaf = true;
        return;
    }
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    keyed = 1;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void terminal_enter(void)
{
    int made = pipe2(wake, O_CLOEXEC | O_NONBLOCK);

    (void)made; /* without it a signal is seen when a wait is over */
    entered = 1;
    (void)atexit(restore);
    catch_signals();
    take_keys();
    ssize_t written = write(STDOUT_FILENO, enter, sizeof(enter) - 1);
    (void)written;
}

void terminal_leave(void)
{
    restore();
}

bool terminal_stopped(void)
{
    return stopped != 0;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool read_key(char *key)
{
    ssize_t length = read(STDIN_FILENO, key, 1);

    deaf = length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN);
    return length == 1;
}

static void drain(void)
{
    char bytes[64];

    while (read(wake[0], bytes, sizeof(bytes)) > 0)
        ;
}

enum terminal_news terminal_wait(int64_t ms, char *key)
{
    struct pollfd sources[] = {{.fd = wake[0], .events = POLLIN},
                               {.fd = deaf ? -1 : STDIN_FILENO, .events = POLLIN}};
    int ready = poll(sources, 2, ms > 0 ? (int)ms : 0);

    drain();
    if (stopped)
        return TERMINAL_STOPPED;
    if (resized) {
        resized = 0;
        return TERMINAL_RESIZED;
    }
    return ready > 0 && sources[1].revents != 0 && read_key(key) ? TERMINAL_KEY : TERMINAL_TIME;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* Bytes of what stands first in the line: a character, or what sets an ink, which takes no place.
 */
static size_t next(struct slice line, unsigned *columns)
{
    size_t length = 1;

    if (line.data[0] == '\x1b') {
        while (length < line.length && line.data[length] != 'm')
            length++;
        return length < line.length ? length + 1 : length;
    }
    while (length < line.length && ((unsigned char)line.data[length] & 0xc0) == 0x80)
        length++;
    ++*columns;
    return length;
}

/* Of what does not fit the inks are kept, so that the last one is switched off. */
static void add_line(struct buffer *out, const struct screen *screen, struct slice line)
{
    unsigned columns = 0;

    while (line.length > 0) {
        size_t length = next(line, &columns);
        if (columns <= screen->columns || line.data[0] == '\x1b')
            buffer_add(out, line.data, length);
        line = slice_skip(line, length);
    }
    /* Behind a full line the cursor stands on its last character. */
    if (columns < screen->columns)
        buffer_add_text(out, "\x1b[K");
}

void terminal_add_picture(struct buffer *out, const struct screen *screen, struct slice text)
{
    unsigned row = 0;

    buffer_add_text(out, "\x1b[H");
    for (; row < screen->rows && text.length > 0; row++) {
        size_t end = slice_find(text, '\n');
        buffer_add_text(out, row > 0 ? "\r\n" : "");
        add_line(out, screen, slice_head(text, end));
        text = slice_skip(text, end + 1);
    }
    if (row < screen->rows)
        buffer_add_text(out, "\r\n\x1b[J");
}
