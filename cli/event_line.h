/* event_line - one entry of the stream reelq:events as a line for people. */
#ifndef REELQ_CLI_EVENT_LINE_H
#define REELQ_CLI_EVENT_LINE_H

#include "cli/screen.h"

struct redisReply;

/* An entry of XRANGE: slices into the reply. */
struct event_entry {
    struct slice stream_id; /* "1700000000000-0" */
    struct slice event, id, json;
    int64_t at_ms; /* by its stream id */
};

/* False when the reply is no entry. */
bool event_entry_read(struct event_entry *entry, const struct redisReply *reply);

/* Appends "12:00:00.000  retry  my-17  attempt 1: Download failed.", with a line end. Without
 * `with_id` the id is left out. */
void event_line_add(struct buffer *out, const struct screen *screen,
                    const struct event_entry *entry, bool with_id);

#endif
