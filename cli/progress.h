/* progress - how far a group of tasks is: a bar that is redrawn on a terminal, lines elsewhere. */
#ifndef REELQ_CLI_PROGRESS_H
#define REELQ_CLI_PROGRESS_H

#include "cli/screen.h"

enum { PROGRESS_SAMPLES = 30 };

struct progress {
    const struct screen *screen;
    int64_t interval_ms; /* between two lines where there is no terminal */
    int64_t started_ms, shown_ms;
    bool drawn; /* a bar stands on the present line */
    /* What had ended at each of the last seconds, for the rate. */
    struct {
        int64_t at_ms;
        size_t ended;
    } samples[PROGRESS_SAMPLES];
    size_t sample_count;
};

struct progress_state {
    size_t total, ready, failed;
    int64_t waiting; /* in the queue; -1: that is not known, nor what is in flight */
};

void progress_init(struct progress *progress, const struct screen *screen, int64_t interval_ms);

/* How long nothing needs to be shown. */
int64_t progress_due_ms(const struct progress *progress);

/* Appends what is to be printed at this time (monotonic ms), if it is due. */
void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ms,
                   struct buffer *out);

/* Appends what removes the bar, so that something else can be printed in its place. */
void progress_hide(struct progress *progress, struct buffer *out);

/* Appends the line itself, without a line end. */
void progress_add_line(struct buffer *out, const struct progress *progress,
                       const struct progress_state *state, int64_t now_ms);

#endif
