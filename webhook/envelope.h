/* envelope - a callback as it lies in Redis: one line of JSON,
 *     {"kind":"upload","id":"…","call":1,"received_at":MS,"body":{…}}
 * or, when the body tells nothing, with "unreadable":"why" in place of "body". */
#ifndef REELQ_ENVELOPE_H
#define REELQ_ENVELOPE_H

#include "base/buffer.h"
#include "base/error.h"

/* What an envelope may need besides the body. */
enum { ENVELOPE_MAX_FRAME = 4096, ENVELOPE_MAX_DEPTH = 32 };

struct envelope {
    const char *kind;
    struct slice id;
    uint64_t call;          /* its number */
    int64_t received_at_ms; /* wall time */
    struct slice body;      /* as received */
};

/* Appends the line, without a line end. False when the body is unreadable: no JSON by the strict
 * rules, no object, or without a boolean `success`; `error` says why. Both are complete envelopes.
 */
bool envelope_add(struct buffer *out, const struct envelope *envelope, struct error *error);

#endif
