/* http_head - what the request line and the header fields of one request say. Pure: lines in, facts
 * out. A line that is not HTTP refuses the request at once; a head that reads well but asks for
 * something that is not served keeps that fault until the request is admitted, so that a request
 * for a route that does not exist gets the answer for that and nothing else. */
#ifndef REELQ_HTTP_HEAD_H
#define REELQ_HTTP_HEAD_H

#include "base/slice.h"

struct http_fault {
    int status; /* 0: none */
    const char *reason;
};

/* Slices into the line that was parsed. */
struct http_target {
    struct slice method, path, query;
    int minor; /* of HTTP/1.x: 0 or 1 */
};

/* Facts from the fields. */
struct http_head {
    unsigned fields, hosts, lengths, codings;
    bool http10;
    bool close, keep_alive; /* the Connection field's options */
    bool expects_continue;
    bool chunked;
    uint64_t content_length;
    struct http_fault framing, expectation; /* faults that wait for the admission */
};

/* The request line without its CR LF: METHOD SP TARGET SP HTTP/1.x, the target an absolute path, an
 * http(s) URL or "*". 400 or 505 otherwise. */
struct http_fault http_head_request_line(struct slice line, struct http_target *target);

/* One field line without its CR LF. */
struct http_fault http_head_field(struct http_head *head, struct slice line, unsigned max_fields);

/* At the end of the head: the fault that the request is refused with when it is admitted. */
struct http_fault http_head_fault(const struct http_head *head);

#endif
