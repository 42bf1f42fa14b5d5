/* health - what --healthcheck of a program asks: does the process that runs with this configuration
 * still work? */
#ifndef REELQ_HEALTH_H
#define REELQ_HEALTH_H

#include "base/config.h"

/* Asks /livez of the admin listener that the configuration names, and waits for the answer for a
 * few seconds: true when it is 200. A listener on all addresses is asked on loopback. The error
 * begins with the address; with a listener that is off, or whose port the system has picked, it
 * says that there is nobody to ask. Blocks. */
MUST_USE bool health_check(const struct config *config, struct error *error);

#endif
