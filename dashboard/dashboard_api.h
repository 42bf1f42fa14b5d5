/* dashboard_api - what the dashboard can be asked for, and asked to do; everything in JSON.
 *   dashboard_api_serve -> dashboard_link_when_up -> begin -> on_answered -> answer */
#ifndef REELQ_DASHBOARD_API_H
#define REELQ_DASHBOARD_API_H

#include "dashboard/dashboard_link.h"
#include "net/http_server.h"
#include "queue/keys.h"

struct dashboard_api {
    struct dashboard_link *link; /* borrowed, as the keys are */
    const struct keys *keys;
    loop_fn on_change; /* something was changed */
    void *arg;
    unsigned tasks_read; /* at this moment; 0 at first */
};

/* Of what is asked for; the route decides it. */
enum dashboard_call { CALL_TASK, CALL_RETRY, CALL_PAUSE, CALL_RESUME, CALL_COUNT };

/* Answers the request, now or later, before the link is freed at the latest. */
void dashboard_api_serve(struct dashboard_api *api, enum dashboard_call call,
                         struct http_request *request, const struct http_view *view);

/* {"error":TEXT} */
void dashboard_api_refuse(struct http_request *request, int status, const char *text);

#endif
