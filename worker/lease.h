/* lease - keeps this worker's runs its own: renews all leases well before they end, and drops the
 * runs that have gone to somebody else. */
#ifndef REELQ_LEASE_H
#define REELQ_LEASE_H

#include "worker/context.h"

struct lease;

struct lease *lease_new(struct context *context);

/* Renews now and from then on every third of the lease. */
void lease_start(struct lease *lease);
void lease_free(struct lease *lease);

#endif
