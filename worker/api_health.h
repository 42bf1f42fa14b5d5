/* api_health - how VideoDB is doing, as seen by this worker's calls: feeds the breaker. */
#ifndef REELQ_API_HEALTH_H
#define REELQ_API_HEALTH_H

#include "worker/context.h"

/* After every call and question of the task `id`, before it is settled. Says in the log when the
 * breaker opens and when it closes. */
void api_health_note(struct context *context, enum breaker_kind kind, const char *id,
                     const struct http_result *result);

/* Forgets which tasks got 403, and frees it. */
void api_health_clear(struct context *context);

#endif
