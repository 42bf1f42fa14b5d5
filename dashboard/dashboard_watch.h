/* dashboard_watch - those who watch the dashboard, and the one look a second for all of them.
 *   dashboard_watch_add -> look -> on_survey -> summary to all; sections where they have changed
 * While nobody watches nothing is asked. */
#ifndef REELQ_DASHBOARD_WATCH_H
#define REELQ_DASHBOARD_WATCH_H

#include "dashboard/dashboard_link.h"
#include "net/http_server.h"
#include "queue/keys.h"

struct dashboard_watch;

struct dashboard_watch_options {
    struct loop *loop;
    struct dashboard_link *link; /* borrowed, as the keys are */
    const struct keys *keys;
    bool writable; /* for the page: there is a token */
};

struct dashboard_watch *dashboard_watch_new(const struct dashboard_watch_options *options);

/* After the HTTP server, whose watchers are gone then, and after the link. NULL is allowed. */
void dashboard_watch_free(struct dashboard_watch *watch);

/* Takes the request over: it gets events for as long as it listens; 503 when there are too many. */
void dashboard_watch_add(struct dashboard_watch *watch, struct http_request *request);

/* Something was changed: the next look is at once. */
void dashboard_watch_hint(struct dashboard_watch *watch);

#endif
