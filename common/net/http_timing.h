/* http_timing - the deadlines of an HTTP connection: one per phase, each for the whole phase and
 * not for a single read, so that a client that drips bytes gains nothing. */
#ifndef REELQ_HTTP_TIMING_H
#define REELQ_HTTP_TIMING_H

#include <stdint.h>

struct http_timing {
    int64_t header_ms;  /* from the first byte (or the accept) to the end of the head */
    int64_t body_ms;    /* from the admission to the end of the body */
    int64_t request_ms; /* from the first byte to the end of the body */
    int64_t idle_ms;    /* between two requests */
    int64_t flush_ms;   /* for the client to take an answer */
    int64_t linger_ms;  /* for the client to see the end */
    unsigned max_requests;
};

extern const struct http_timing http_timing_default;

/* What a connection waits for; HTTP_WAIT_NONE: not for the client. */
enum http_wait {
    HTTP_WAIT_NONE,
    HTTP_WAIT_HEAD,
    HTTP_WAIT_BODY,
    HTTP_WAIT_IDLE,
    HTTP_WAIT_FLUSH,
    HTTP_WAIT_LINGER
};

/* Milliseconds from now for a wait that begins now, in a request that began `age_ms` ago. */
int64_t http_timing_delay(const struct http_timing *timing, enum http_wait wait, int64_t age_ms);

#endif
