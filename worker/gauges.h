/* gauges - how much there is in Redis, as metrics. Every worker knows the same of it, so that it is
 * seen as long as there is one. Redis is looked at when somebody asks, at most once a second. */
#ifndef REELQ_GAUGES_H
#define REELQ_GAUGES_H

#include "worker/context.h"

struct gauges;

/* Registers its metrics with those of the context, which it borrows. */
struct gauges *gauges_new(struct context *context);

/* After the connection to Redis. NULL is allowed. */
void gauges_free(struct gauges *gauges);

/* Brings them up to date, NaN while Redis is away; then calls done(arg) once, now or later. */
void gauges_refresh(struct gauges *gauges, void (*done)(void *arg), void *arg);

#endif
