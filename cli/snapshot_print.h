/* snapshot_print - a snapshot for people, and as JSON. */
#ifndef REELQ_CLI_SNAPSHOT_PRINT_H
#define REELQ_CLI_SNAPSHOT_PRINT_H

#include "base/json_write.h"
#include "cli/screen.h"
#include "cli/snapshot.h"

/* A count with its title, its meaning, and the ink of one that is not 0. */
struct snapshot_row {
    const char *title, *meaning;
    enum overview_place count;
    enum ink ink;
};

/* In the order of the way that a task takes. */
enum { SNAPSHOT_ROWS = 8 };
extern const struct snapshot_row snapshot_rows[SNAPSHOT_ROWS];

void snapshot_add_text(struct buffer *out, const struct screen *screen,
                       const struct snapshot *snapshot);

/* The parts of it that may be empty: the oldest task; trouble, a pause and a pace. */
void snapshot_add_oldest(struct buffer *out, const struct snapshot *snapshot);
void snapshot_add_pause(struct buffer *out, const struct screen *screen,
                        const struct snapshot *snapshot);

/* One object, with a line end; and what is in it. */
void snapshot_add_json(struct buffer *out, const struct snapshot *snapshot);
void snapshot_add_members(struct json_writer *w, const struct snapshot *snapshot);

#endif
