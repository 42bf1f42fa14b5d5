/* load - posts prepared requests over kept-alive connections, one at a time on each. */
#ifndef REELQ_BENCH_LOAD_H
#define REELQ_BENCH_LOAD_H

#include "base/buffer.h"

enum { LOAD_CONNECTIONS = 32 };

/* Whole requests, one after the other. */
struct load_requests {
    struct buffer bytes;
    size_t *ends; /* offset behind each */
    unsigned count;
};

/* `count` genuine upload callbacks with a body of 326 bytes, each for a task of its own. Clear
 * them. */
struct load_requests load_callbacks(const char *address, unsigned count);
void load_requests_clear(struct load_requests *requests);

/* Sends all of them over so many connections to "HOST:PORT", and returns when each has its answer.
 * An answer other than 200 ends the run with a line that says so. */
void load_run(const char *address, const struct load_requests *requests, unsigned connections);

#endif
