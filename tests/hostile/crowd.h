/* crowd - many clients of one server, who mean it no good. What cannot be done ends the test. */
#ifndef REELQ_TESTS_CROWD_H
#define REELQ_TESTS_CROWD_H

#include "base/buffer.h"

struct crowd {
    int *fds; /* -1: closed */
    size_t count;
};

/* Room for `count` descriptors and some more, in this process and in those that it starts from now
 * on; skips the test where the system does not allow it. */
void crowd_allow(unsigned count);

/* `count` connections from `source`, "192.0.2.1" or "2001:db8::1" (NULL: any), to the port of
 * `address` ("HOST:PORT") at `host`. Each sends `text`. */
struct crowd_from {
    const char *source, *host, *address;
};
void crowd_gather(struct crowd *crowd, size_t count, const struct crowd_from *from,
                  struct slice text);

/* Each that is open sends the same byte; what is refused is closed. */
void crowd_drip(struct crowd *crowd, char byte);

/* Closes those that the server has closed, whatever it said before. How many are open still. */
size_t crowd_look(struct crowd *crowd);

/* Closes; `reset`: without a farewell. */
void crowd_leave(struct crowd *crowd, bool reset);

#endif
