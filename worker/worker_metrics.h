/* worker_metrics - the metrics of a worker: names, labels, help. */
#ifndef REELQ_WORKER_METRICS_H
#define REELQ_WORKER_METRICS_H

#include "worker/context.h"

/* Sets up and registers every metric of the context. */
void worker_metrics_register(struct context *context);

#endif
