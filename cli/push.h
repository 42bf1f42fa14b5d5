/* push - drafts to reelq:tasks, in their order. */
#ifndef REELQ_CLI_PUSH_H
#define REELQ_CLI_PUSH_H

#include "cli/input.h"
#include "cli/session.h"

/* False when Redis refuses, or goes away: client_error(); *pushed says how many it has. */
MUST_USE bool push_all(struct session *session, const struct input *input,
                       const struct draft_defaults *defaults, size_t *pushed);

#endif
