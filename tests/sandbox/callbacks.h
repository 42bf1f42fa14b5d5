/* callbacks - takes the callback of a finished job to its URL, by way of the callback faults. */
#ifndef SANDBOX_CALLBACKS_H
#define SANDBOX_CALLBACKS_H

#include "faults.h"
#include "journal.h"

struct event_base;
struct poster;
struct callbacks;

struct callback_order {
    const char *url;
    struct slice body; /* JSON */
    struct fault_decision fault;
    void (*on_first)(void *arg); /* may be NULL; see poster_send */
    void *arg;
};

/* What became of each callback is added to `log`, which must live as long. */
struct callbacks *callbacks_new(struct event_base *base, struct journal *log);
void callbacks_free(struct callbacks *callbacks);

/* Sends a copy of the body, once, twice, later or never, as the fault says. A callback that is
 * held back goes out after the next one was sent, or when its time is over. `on_first` is for
 * callbacks that are sent at once: those with the fault FAULT_EARLY or none. */
void callbacks_send(struct callbacks *callbacks, const struct callback_order *order);

/* Appends the members "sent", "delivered", "retried", "given_up", "lost", "held" as an object. */
void callbacks_add_json(struct buffer *out, const struct callbacks *callbacks);

#endif
