/* pty - reelq in a terminal of its own. What cannot be done ends the test process. */
#ifndef REELQ_TESTS_PTY_H
#define REELQ_TESTS_PTY_H

#include <sys/types.h>
#include <termios.h>

#include "base/buffer.h"
#include "cli/cli_site.h"

struct pty {
    int master, slave;
    pid_t pid;
    struct termios before; /* of the terminal, when nobody had used it */
    struct buffer seen;    /* everything that was written */
    size_t mark;           /* what was written before it is not looked at any more */
};

/* Starts `program`, which is reelq where it is NULL, with these words. */
void pty_start(struct pty *pty, const struct cli_site *site, const char *program,
               const char *const words[]);
void pty_size(struct pty *pty, unsigned rows, unsigned columns);
void pty_press(struct pty *pty, const char *keys);

/* Waits for the text, behind what an earlier one has waited for. */
void pty_await(struct pty *pty, const char *text);

/* Waits for the end: exit status, or minus the signal. */
int pty_end(struct pty *pty);

/* Are the settings of the terminal as before, and its screen left as often as entered? */
bool pty_restored(struct pty *pty);
void pty_close(struct pty *pty);

#endif
