/* snapshot_print - a snapshot for people, and as JSON. */
#ifndef REELQ_CLI_SNAPSHOT_PRINT_H
#define REELQ_CLI_SNAPSHOT_PRINT_H

#include "cli/screen.h"
#include "cli/snapshot.h"

void snapshot_add_text(struct buffer *out, const struct screen *screen,
                       const struct snapshot *snapshot);

/* One object, with a line end. */
void snapshot_add_json(struct buffer *out, const struct snapshot *snapshot);

#endif
