/* progress - where the tasks stand while the run goes on, from the stream, and a line about it. */
#ifndef REELQ_CHAOS_PROGRESS_H
#define REELQ_CHAOS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "chaos/plan.h"

enum progress_state { PROGRESS_OPEN, PROGRESS_READY, PROGRESS_FAILED };

struct progress {
    const struct plan *plan;
    unsigned char *states; /* of enum progress_state, one per task */
    unsigned ready, failed, broken;
    int64_t drawn_at_ms;
    bool drawn, terminal;
};

/* `plan` is borrowed. */
void progress_init(struct progress *progress, const struct plan *plan);
void progress_clear(struct progress *progress);

/* An entry of the stream. */
void progress_note(struct progress *progress, const char *event, const char *id);

/* Tasks that are not at their end. */
unsigned progress_open(const struct progress *progress);

/* One line, drawn anew on a terminal and now and then elsewhere. `what` says what goes on. */
void progress_draw(struct progress *progress, int64_t now_ms, unsigned submitted, const char *what);

/* Ends the line. */
void progress_end(struct progress *progress);

#endif
