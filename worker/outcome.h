/* outcome - what an answer of the API means. Pure: one table from status and message to outcome. */
#ifndef REELQ_OUTCOME_H
#define REELQ_OUTCOME_H

#include <stdint.h>

#include "base/slice.h"

/* X(name): the words used in logs, metrics and events. */
#define OUTCOMES(X)                                                                                \
    X(accepted)                                                                                    \
    X(done)                                                                                        \
    X(retry)                                                                                       \
    X(rate_limited)                                                                                \
    X(rejected)                                                                                    \
    X(unknown)                                                                                     \
    X(blocked)

enum outcome {
#define X(name) OUTCOME_##name,
    OUTCOMES(X)
#undef X
        OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome);

/* What VideoDB's own words for a failure mean, wherever they come from (reply, callback, job). */
struct outcome_failure {
    const char *needle;   /* contained in the message, any case; "" matches all */
    enum outcome outcome; /* OUTCOME_done for "already exists": ask for its state */
    const char *action;   /* what the user can do; "" when VideoDB's message says it all */
};

/* The row for `message`; never NULL. "Download failed" -> retry, "Verify the URL and its
 * permissions."; "Invalid media type" -> rejected, "Match media_type to the file."; "Something went
 * wrong" -> rejected, "Re-encode the source file."; anything unknown -> rejected. */
const struct outcome_failure *outcome_of_message(struct slice message);

/* So many tasks in a row have to get 403 for it to be the key that is at fault. */
enum { OUTCOME_FORBIDDEN_IN_A_ROW = 3 };

/* For a status without an answer that can be trusted: 401 402 -> blocked, 403 -> blocked when
 * `forbidden_in_a_row` (this one included) reaches 3, else retry; 429, and 503 with Retry-After ->
 * rate_limited; 500 502 503 504 -> retry; 408 425 -> retry; other 4xx -> rejected; 3xx -> rejected;
 * 2xx is the body's business and must not be passed. */
enum outcome outcome_of_status(int status, int64_t retry_after_ms, unsigned forbidden_in_a_row);

/* What to do, for a status that ends a task or blocks a worker; "" for none. */
const char *outcome_action_of_status(int status);

#endif
