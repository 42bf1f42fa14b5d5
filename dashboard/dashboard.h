/* dashboard - the page that shows what goes on, and what stands behind it: the routes that the
 * webhook's admin listener has beside /livez, /readyz and /metrics. docs/operations.md says what
 * one sees there, docs/security.md who may. */
#ifndef REELQ_DASHBOARD_H
#define REELQ_DASHBOARD_H

#include "base/config.h"
#include "net/admin.h"

struct dashboard;

/* Both are borrowed. NULL and an error that names the variable when one is wrong. */
struct dashboard *dashboard_new(struct loop *loop, const struct config *config,
                                struct error *error);

/* After the admin listener. NULL is allowed. */
void dashboard_free(struct dashboard *dashboard);

/* For admin_options. */
struct admin_offer dashboard_offer(struct dashboard *dashboard);

#endif
