/* listener - follows reelq:events and the channels like a user does, through every loss of the
 * connection, and writes all of it into the ledger. */
#ifndef REELQ_CHAOS_LISTENER_H
#define REELQ_CHAOS_LISTENER_H

#include "chaos/ledger.h"

struct listener;

/* Called for each new entry of the stream. */
typedef void (*listener_fn)(const char *event, const char *id, const char *json, void *arg);

/* `path`: socket of Redis, borrowed, as is the ledger. */
struct listener *listener_new(struct ledger *ledger, const char *path, listener_fn fn, void *arg);
void listener_free(struct listener *listener);

/* Takes what is there; does not wait. */
void listener_tick(struct listener *listener);

/* True when it is subscribed, and the last look at the stream has found nothing new. */
bool listener_is_idle(const struct listener *listener);

/* How often the connection for the channels was lost. */
unsigned listener_losses(const struct listener *listener);

#endif
