/* repeats - tasks that have got their ids from their places in a batch, and whether those are
 * taken. */
#ifndef REELQ_CLI_REPEATS_H
#define REELQ_CLI_REPEATS_H

#include "cli/input.h"
#include "cli/session.h"

/* False and an error that names the first of them whose record is of another video: reelq would
 * take it for the same task again, and not run it. True also for who may not read records, and
 * while Redis is away: a push says that better. */
MUST_USE bool repeats_check(struct session *session, const struct input *input,
                            struct error *error);

#endif
