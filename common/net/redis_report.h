/* redis_report - what the log says of a connection: that it is lost, refused, and back, each once.
 */
#ifndef REELQ_REDIS_REPORT_H
#define REELQ_REDIS_REPORT_H

#include <stdbool.h>

#include "base/metrics.h"

/* Zeroed by the owner, who sets the first four; texts are borrowed for its life. */
struct redis_report {
    const char *name;
    const char *address;
    bool quiet;                /* at level debug */
    struct metric *reconnects; /* counts how often it came back; may be NULL */
    bool was_up;
    bool said_away, said_refused; /* since it was up */
};

void redis_report_up(struct redis_report *report);

/* redis-lost when it was up before, else redis-away. */
void redis_report_away(struct redis_report *report, const char *why);

/* Redis refuses user or password. True: it did so from the start and for the first time, and the
 * owner is to be told instead of the log. */
bool redis_report_refused(struct redis_report *report, const char *reason);

#endif
