/* admin - the private listener of a process: /livez, /readyz, /metrics, and what else the program
 * offers there. */
#ifndef REELQ_ADMIN_H
#define REELQ_ADMIN_H

#include "base/metrics.h"
#include "net/http_server.h"

struct admin;

/* Routes beyond the three; as for http_server_options. */
struct admin_offer {
    http_gate_fn gate;
    http_handle_fn handle;
    void *arg;
    const char *headers; /* of all answers of the listener; may be NULL */
};

struct admin_options {
    struct loop *loop;
    const char *listen; /* as for http_server; "off": no listener */
    const struct metrics *metrics;
    /* Before metrics are rendered, may be NULL: brings them up to date, and then, now or later but
     * before the admin is freed, calls done(done_arg) once. */
    void (*refresh)(void (*done)(void *arg), void *done_arg, void *arg);
    /* Appends one line per check ("redis: up") and says whether the process takes work. */
    bool (*ready)(struct buffer *text, void *arg);
    void *arg;
    const struct admin_offer *offer; /* copied; NULL: nothing more */
};

/* NULL and an error when it cannot listen; with "off" an admin without a listener. /livez is 200 as
 * long as the loop turns; /readyz 200 or 503 with the lines of `ready`; /metrics the metrics. */
struct admin *admin_new(const struct admin_options *options, struct error *error);
void admin_free(struct admin *admin);

#endif
