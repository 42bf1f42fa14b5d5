/* drip - one HTTP POST whose body comes in small pieces over a long time. */
#ifndef SANDBOX_DRIP_H
#define SANDBOX_DRIP_H

#include "base/slice.h"

struct event_base;
struct drip;

struct drip_request {
    const char *host;
    uint16_t port;
    const char *host_header;
    const char *path;
    struct slice body;
    int64_t duration_ms;
    void (*on_end)(int status, void *arg); /* status 0: no answer */
    void *arg;
};

/* Starts sending a copy of the body. `on_end` runs once, later, and has to call drip_free. */
struct drip *drip_start(struct event_base *base, const struct drip_request *request);

/* Closes the connection; on_end does not run any more. */
void drip_free(struct drip *drip);

#endif
