/* routes - the table of what the sandbox answers. */
#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

#include "base/slice.h"
#include "fault.h"

struct exchange;

struct route {
    const char *method;
    const char *pattern;                       /* segments; {} stands for any one */
    void (*handle)(struct exchange *exchange); /* fills exchange->reply */
    enum fault_route fault;
    bool open; /* needs no API key */
};

/* The route of a request, with what stood for each {} in `arguments`. Empty segments do not count:
 * trailing and doubled slashes are no matter. NULL when there is none; then *path_known tells
 * whether another method would do. */
const struct route *routes_find(struct slice method, struct slice path, struct slice *arguments,
                                bool *path_known);

/* True for the sandbox's own /_sandbox/... : no faults, and not among the requests. */
bool routes_is_own(struct slice path);

#endif
