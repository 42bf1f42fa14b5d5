/* webhook - the parts of the webhook process and how they hang together. */
#ifndef REELQ_WEBHOOK_H
#define REELQ_WEBHOOK_H

#include "base/config.h"
#include "net/loop.h"

struct webhook;

/* Listens, begins to connect to Redis, and drains at SIGTERM; then it stops the loop. NULL and an
 * error when it cannot listen. `config` is borrowed for the webhook's life. */
struct webhook *webhook_new(struct loop *loop, const struct config *config, struct error *error);

/* NULL is allowed. */
void webhook_free(struct webhook *webhook);

/* After the loop has stopped: why, when it was not a drain; otherwise NULL. */
const char *webhook_failure(const struct webhook *webhook);

/* Checks addresses and lists of the configuration, without opening anything. */
MUST_USE bool webhook_check(const struct config *config, struct error *error);

#endif
