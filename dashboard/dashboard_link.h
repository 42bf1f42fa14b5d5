/* dashboard_link - the dashboard's own connection to Redis: no callback waits behind what it reads,
 * and its user may have other rights. It comes when it is needed, and goes when it was not needed
 * for some time. */
#ifndef REELQ_DASHBOARD_LINK_H
#define REELQ_DASHBOARD_LINK_H

#include "base/config.h"
#include "net/redis.h"

struct dashboard_link;

/* Connects to nothing yet. NULL and an error when REELQ_ADMIN_REDIS_URL is wrong. */
struct dashboard_link *dashboard_link_new(struct loop *loop, const struct config *config,
                                          struct error *error);

/* What waits gets its false, what is sent its NULL. NULL is allowed. */
void dashboard_link_free(struct dashboard_link *link);

/* fn(redis, arg) once: now when the connection is up, or as soon as it is; with NULL when that
 * takes longer than a second. The redis is good for what is sent during the call. */
typedef void (*dashboard_link_fn)(struct redis *redis, void *arg);
void dashboard_link_when_up(struct dashboard_link *link, dashboard_link_fn fn, void *arg);

/* Why it is not up, for people. */
const char *dashboard_link_trouble(const struct dashboard_link *link);

/* What Redis has said, with what to do about it when the user has not the right. */
void dashboard_link_add_denial(struct buffer *out, const char *error);

#endif
