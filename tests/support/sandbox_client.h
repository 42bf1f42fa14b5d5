/* sandbox_client - starts reelq-sandbox and tells it how to misbehave. */
#ifndef REELQ_TESTS_SANDBOX_CLIENT_H
#define REELQ_TESTS_SANDBOX_CLIENT_H

#include "base/buffer.h"
#include "support/process.h"

/* Starts the program and waits until it listens, which ends the process when it does not come.
 * `*address` is its HOST:PORT, to be freed. */
struct process *sandbox_client_start(const char *program, const char *const *arguments,
                                     char **address);

/* POST with a JSON body; the status, and the whole answer in `answer`. */
int sandbox_client_post(const char *address, const char *path, const char *body,
                        struct buffer *answer);

/* Replaces all faults by those in `list`, separated by spaces; "" for none. The same. */
int sandbox_client_faults(const char *address, const char *list, struct buffer *answer);

#endif
