/* screen - what people read: colours and a redrawn line only where there is a terminal. */
#ifndef REELQ_CLI_SCREEN_H
#define REELQ_CLI_SCREEN_H

#include "base/buffer.h"

struct screen {
    bool terminal; /* standard output is one */
    bool colour;   /* it is one, and NO_COLOR is not set */
    bool unicode;  /* the locale's text is UTF-8 */
    unsigned columns, rows;
};

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GREEN, INK_YELLOW, INK_RED };

void screen_init(struct screen *screen);

/* Looks at the size of the terminal again. */
void screen_measure(struct screen *screen);

/* What switches the ink on, and off again; "" without colours. */
const char *screen_ink(const struct screen *screen, enum ink ink);
const char *screen_off(const struct screen *screen);

/* Colour of a state, or of an event that is called like one. */
enum ink screen_ink_of_state(struct slice state);

/* Appends bytes from elsewhere with control bytes as '?': they must not steer the terminal. */
void screen_add_safe(struct buffer *out, struct slice text);

/* Appends "3s", "2m 5s", "4h 10m", "3d 2h": two units at most. Negative counts as 0. */
void screen_add_age(struct buffer *out, int64_t ms);

/* Appends a time as 2026-01-02 03:04:05 of the local zone, or 03:04:05.678. */
void screen_add_time(struct buffer *out, int64_t ms);
void screen_add_clock(struct buffer *out, int64_t ms);

#endif
