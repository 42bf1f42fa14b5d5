/* top_view - what reelq top shows: the numbers of a moment and of the time before it. */
#ifndef REELQ_CLI_TOP_VIEW_H
#define REELQ_CLI_TOP_VIEW_H

#include "cli/dead_list.h"
#include "cli/snapshot.h"
#include "cli/throughput.h"

enum { TOP_HISTORY = 60, TOP_FAILURES = 5, TOP_AWAY = 256 };

/* To be zeroed before the first use. */
struct top_view {
    struct snapshot snapshot;
    struct throughput throughput;
    struct dead_list failures;
    size_t moments; /* that are kept in the history, the last one last */
    int64_t history[OVERVIEW_PLACES][TOP_HISTORY];
    int64_t interval_ms;
    char away[TOP_AWAY]; /* why all this is of before; "": it is of now */
};

/* False: client_error(), and what was read before stays. */
MUST_USE bool top_view_read(struct top_view *view, struct session *session);
void top_view_clear(struct top_view *view);

/* Workers only as many as there is room for on the screen. */
void top_view_add_text(struct buffer *out, const struct screen *screen,
                       const struct top_view *view);

/* One object with a line end: that of a snapshot, and the rates. */
void top_view_add_json(struct buffer *out, const struct top_view *view);

#endif
