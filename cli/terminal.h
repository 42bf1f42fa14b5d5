/* terminal - the whole terminal for one picture: its alternate screen, keys without Enter. It is as
 * it was when the program ends, in whatever way but SIGKILL. */
#ifndef REELQ_CLI_TERMINAL_H
#define REELQ_CLI_TERMINAL_H

#include "cli/screen.h"

/* Once in a process. From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT make terminal_stopped() true
 * and end a wait; a second one ends the process. */
void terminal_enter(void);
void terminal_leave(void);
bool terminal_stopped(void);

enum terminal_news { TERMINAL_TIME, TERMINAL_KEY, TERMINAL_RESIZED, TERMINAL_STOPPED };

/* Waits for a key, which goes to *key, a signal, or the end of `ms`. */
enum terminal_news terminal_wait(int64_t ms, char *key);

/* Appends what draws `text` over the whole screen: as many of its lines, and as much of them, as
 * fit. */
void terminal_add_picture(struct buffer *out, const struct screen *screen, struct slice text);

#endif
