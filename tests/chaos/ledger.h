/* ledger - all that is known of what was submitted and what came of it: one line per push, stream
 * entry, message, accepted operation, callback and lost run. Filled while the run goes on, then
 * sealed and read. No I/O. */
#ifndef REELQ_CHAOS_LEDGER_H
#define REELQ_CHAOS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum ledger_source {
    LEDGER_PUSHED,   /* by us: "acknowledged", or "unanswered" when the reply was lost */
    LEDGER_STREAM,   /* the event, with its JSON */
    LEDGER_HEARD,    /* the channel, with its JSON */
    LEDGER_PAID,     /* the operation that VideoDB accepted, with its line of the journal */
    LEDGER_CALLBACK, /* its fate */
    LEDGER_LAPSED    /* a worker found that the run's lease had run out */
};

/* Whose line it is: a task by its number, a batch by its number, or neither. */
enum ledger_kind { LEDGER_TASK, LEDGER_BATCH, LEDGER_STRANGE };

struct ledger_line {
    enum ledger_kind kind;
    unsigned number, slot; /* slot: see plan.h */
    int64_t at_ms;         /* by the wall clock */
    enum ledger_source source;
    unsigned
        attempt; /* in the stream; of a paid line and a callback the number in the callback URL */
    char *word, *text;
    size_t order; /* of coming */
};

/* No subscription was there between these times: what was published then was not heard. */
struct ledger_gap {
    int64_t from_ms, until_ms;
};

struct ledger {
    struct ledger_line *lines;
    size_t count, capacity;
    struct ledger_gap *gaps;
    size_t gap_count;
    bool sealed;
};

struct ledger_range {
    const struct ledger_line *lines;
    size_t count;
};

void ledger_clear(struct ledger *ledger);

/* Copies `word` and `text` of the line; `kind`, `number` and `slot` are found by the id. */
void ledger_add(struct ledger *ledger, struct slice id, const struct ledger_line *line);
void ledger_add_gap(struct ledger *ledger, int64_t from_ms, int64_t until_ms);

/* Sorts by kind and number, then by time. After that nothing is added, and ledger_of() works. */
void ledger_seal(struct ledger *ledger);

/* The lines of one task or batch, or all strange ones (number 0), by time. */
struct ledger_range ledger_of(const struct ledger *ledger, enum ledger_kind kind, unsigned number);

bool ledger_in_gap(const struct ledger *ledger, int64_t at_ms);

bool ledger_is(const struct ledger_line *line, enum ledger_source source, const char *word);

/* "ready" or "failed" of the task's own, in the stream or on a channel. */
bool ledger_ends(const struct ledger_line *line, enum ledger_source source);

/* The whole history of one task or batch, one line each. */
struct buffer;
void ledger_add_text(struct buffer *out, struct ledger_range range);

#endif
