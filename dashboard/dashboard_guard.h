/* dashboard_guard - who may look at the dashboard, and who may change something by it. Pure. A
 * browser sends what any page wants, also to an address that only it can reach: so a name that
 * leads there and is not ours is refused, and so is what another origin wants changed. */
#ifndef REELQ_DASHBOARD_GUARD_H
#define REELQ_DASHBOARD_GUARD_H

#include "base/signature.h"
#include "net/http_server.h"

struct dashboard_guard {
    const char *hosts;                   /* names that are ours, separated by commas */
    const struct signature_keys *tokens; /* a count of 0: nothing can be changed */
};

struct dashboard_refusal {
    int status;       /* 0: none */
    const char *text; /* for people */
};

/* The Host of the request is an address, localhost or one of the names. */
struct dashboard_refusal dashboard_guard_read(const struct dashboard_guard *guard,
                                              const struct http_view *view);

/* The same; and it is JSON, of our own origin when of any, and with one of the tokens. */
struct dashboard_refusal dashboard_guard_change(const struct dashboard_guard *guard,
                                                const struct http_view *view);

#endif
