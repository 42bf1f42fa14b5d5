#include "net/http_timing.h"

const struct http_timing http_timing_default = {
    .header_ms = 5000,
    .body_ms = 10000,
    .request_ms = 15000,
    .idle_ms = 15000,
    .flush_ms = 10000,
    .linger_ms = 2000,
    .max_requests = 1000,
};

int64_t http_timing_delay(const struct http_timing *timing, enum http_wait wait, int64_t age_ms)
{
    int64_t left_ms = timing->request_ms - age_ms;
    const int64_t delays[] = {
        [HTTP_WAIT_NONE] = 0,
        [HTTP_WAIT_HEAD] = timing->header_ms,
        [HTTP_WAIT_BODY] = left_ms < timing->body_ms ? left_ms : timing->body_ms,
        [HTTP_WAIT_IDLE] = timing->idle_ms,
        [HTTP_WAIT_FLUSH] = timing->flush_ms,
        [HTTP_WAIT_LINGER] = timing->linger_ms,
    };

    return delays[wait];
}
