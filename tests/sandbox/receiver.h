/* receiver - for tests: a server that takes callbacks, in a thread of its own. */
#ifndef SANDBOX_RECEIVER_H
#define SANDBOX_RECEIVER_H

#include "base/slice.h"

struct receiver;

struct received {
    const char *target; /* path and query */
    const char *body;
    uint16_t peer_port; /* tells connections apart */
    int64_t at_ms;      /* monotonic */
};

/* Listens on a free port. The first `bad` callbacks are answered with 500, the rest with 200. */
struct receiver *receiver_new(unsigned bad);
void receiver_free(struct receiver *receiver);

/* "http://127.0.0.1:PORT" */
const char *receiver_base(const struct receiver *receiver);

/* Waits until `count` callbacks have come in all; false when `ms` milliseconds have gone by. */
bool receiver_wait(struct receiver *receiver, size_t count, int64_t ms);

/* How many came so far; and the one at `index`, which is there until receiver_free. */
size_t receiver_count(struct receiver *receiver);
struct received receiver_get(struct receiver *receiver, size_t index);

#endif
