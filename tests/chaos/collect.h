/* collect - reads what reelq and the sandbox have said into the ledger. Pure. */
#ifndef REELQ_CHAOS_COLLECT_H
#define REELQ_CHAOS_COLLECT_H

#include "base/buffer.h"
#include "chaos/ledger.h"

enum { CENSUS_MAX = 128 };

/* How often each word stood in the logs, and the lines that should not be there at all: reports of
 * sanitizers, failed scripts, signatures. */
struct census {
    struct {
        char word[40];
        unsigned count;
    } words[CENSUS_MAX];
    size_t count;
    struct buffer alarms;
    unsigned alarm_count;
};

void census_init(struct census *census);
void census_clear(struct census *census);
unsigned census_of(const struct census *census, const char *word);

/* A stream entry (LEDGER_STREAM) or message (LEDGER_HEARD). */
struct collect_event {
    enum ledger_source source;
    const char *event, *id, *json;
    int64_t at_ms;
};
void collect_event(struct ledger *ledger, const struct collect_event *event);

/* GET /_sandbox/journal and GET /_sandbox/callbacks, the lines as they came. */
void collect_journal(struct ledger *ledger, struct slice text);
void collect_callbacks(struct ledger *ledger, struct slice text);

/* The log of one process; `name` is for the alarms. */
void collect_log(struct ledger *ledger, struct census *census, const char *name, struct slice log);

/* The text or the number of a member of `json`; an empty string, or 0, when it is not there. The
 * caller frees the text. */
char *collect_text(const char *json, const char *key);
int64_t collect_number(const char *json, const char *key);

#endif
