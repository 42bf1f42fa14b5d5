/* worker - the parts of one worker process, put together: start, run, drain, end. */
#ifndef REELQ_WORKER_H
#define REELQ_WORKER_H

#include "base/config.h"
#include "net/loop.h"

struct worker;

/* Checks what only the worker can check, without starting anything. */
MUST_USE bool worker_check_config(const struct config *config, struct error *error);

/* Starts everything; work begins when Redis is there. NULL when the admin listener cannot be had.
 * `config` and `loop` outlive the worker. Ends the process when Redis refuses the password. */
struct worker *worker_new(const struct config *config, struct loop *loop, struct error *error);

/* Stops claiming, finishes what is in flight within REELQ_DRAIN_TIMEOUT, hands back the rest; then
 * stops the loop. */
void worker_drain(struct worker *worker);

void worker_free(struct worker *worker);

#endif
