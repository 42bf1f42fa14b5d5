/* throughput - how many tasks end in a second, counted in the stream of events: so it is there at
 * once, whatever the workers tell. */
#ifndef REELQ_CLI_THROUGHPUT_H
#define REELQ_CLI_THROUGHPUT_H

#include "cli/session.h"

enum { THROUGHPUT_SECONDS = 60, THROUGHPUT_STREAM_ID = 64 };

enum throughput_kind { THROUGHPUT_READY, THROUGHPUT_FAILED, THROUGHPUT_KINDS };

/* To be zeroed before the first use. */
struct throughput {
    char last[THROUGHPUT_STREAM_ID]; /* of the last entry that was counted; "": none yet */
    int64_t now_ms;                  /* of Redis, when it was read */
    int64_t from_ms;                 /* what was before this time is not known */
    int64_t counts[THROUGHPUT_KINDS][THROUGHPUT_SECONDS]; /* by second; the present one is last */
};

/* Counts what has come since, at most the last 2000 entries. False: client_error(). */
MUST_USE bool throughput_read(struct throughput *throughput, struct session *session,
                              int64_t now_ms);

/* Per second, over the last 10 s, or as far back as is known. */
double throughput_rate(const struct throughput *throughput, enum throughput_kind kind);

#endif
