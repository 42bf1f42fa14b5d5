/* harness - for tests: runs the real reelq-sandbox and talks to it with libcurl. */
#ifndef SANDBOX_HARNESS_H
#define SANDBOX_HARNESS_H

#include <curl/curl.h>
#include <sys/types.h>

#include "base/buffer.h"

struct response {
    CURLcode code; /* what libcurl says */
    long status;
    long retry_after_s; /* 0 when there was none */
    double seconds;
    const char *type; /* Content-Type or "" */
    struct buffer body;
};

struct harness {
    pid_t pid;
    int output; /* its standard error */
    char base[160];
    const char *token; /* NULL: no header */
    long timeout_ms;
    CURL *curl;
    struct response response;
};

/* Starts the program with `arguments` (NULL at the end) and waits until it listens. Fails the
 * running test when it does not. */
void harness_start(struct harness *harness, const char *const *arguments);

/* SIGTERM; the exit status, or -1 when it died by a signal. */
int harness_stop(struct harness *harness);

/* One call, `request` as in "GET /video"; `body` may be NULL. The response belongs to the harness
 * and holds until the next call. */
const struct response *harness_call(struct harness *harness, const char *request, const char *body);

/* The body of the last response. */
const char *harness_body(const struct harness *harness);

/* Calls and copies the first thing that stands between `before` and the next '"' of the answer; to
 * be freed. "" when it is not there. */
char *harness_pick(struct harness *harness, const char *request, const char *before);

/* Repeats a GET until the answer contains `part`; false when it does not within 10 s. */
bool harness_await(struct harness *harness, const char *request, const char *part);

/* Runs the program with `arguments` to its end and returns its exit status; what it wrote to both
 * outputs is appended to `output`. */
int harness_run(const char *const *arguments, struct buffer *output);

#endif
