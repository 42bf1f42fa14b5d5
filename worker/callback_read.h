/* callback_read - what a callback says, from the line that the webhook stored. Pure. */
#ifndef REELQ_CALLBACK_READ_H
#define REELQ_CALLBACK_READ_H

#include "worker/videodb_read.h"

struct callback_said {
    char *id; /* of the task; owned */
    bool upload;
    int64_t call;           /* its number */
    int64_t received_at_ms; /* by the webhook's clock; 0: it does not say */
    struct videodb_answer answer;
};

enum { CALLBACK_READ_MAX = 2 << 20 }; /* bytes of a line */

/* Fills `said` anew; to be cleared whatever is returned. False: the line is none of our webhook's,
 * and the error says what is wrong with it. */
MUST_USE bool callback_read(struct callback_said *said, struct slice line, struct error *error);

void callback_said_clear(struct callback_said *said);

#endif
