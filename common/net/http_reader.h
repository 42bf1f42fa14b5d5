/* http_reader - a strict, incremental HTTP/1.x request parser. No I/O, no clock, no routes: bytes
 * in, events out. What it accepts is the policy table in docs/architecture.md; what is refused is
 * refused with one status, after which the connection is of no more use. */
#ifndef REELQ_HTTP_READER_H
#define REELQ_HTTP_READER_H

#include "base/buffer.h"
#include "net/http_chunk.h"
#include "net/http_head.h"

/* Bytes of the request line; bytes of all header fields with their line ends; number of fields. */
enum { HTTP_READER_MAX_LINE = 4096, HTTP_READER_MAX_HEADERS = 8192, HTTP_READER_MAX_FIELDS = 64 };

enum http_reader_state {
    HTTP_READER_HEAD, /* wants more bytes of request line and headers */
    HTTP_READER_GATE, /* head complete: decide, then call http_reader_admit() */
    HTTP_READER_BODY, /* wants more bytes of the body */
    HTTP_READER_DONE, /* request complete: answer it, then call http_reader_next() */
    HTTP_READER_BAD   /* `status` says why; answer and close */
};

struct http_reader {
    enum http_reader_state state;
    int status;         /* for HTTP_READER_BAD: 400, 413, 414, 417, 431 or 505 */
    const char *reason; /* a few words for the log */
    struct buffer head; /* request line and headers as received */
    struct buffer body; /* decoded */
    struct slice
        method;         /* the slices point into `head`: valid from GATE until http_reader_next() */
    struct slice path;  /* without the query */
    struct slice query; /* "" when there is none */
    struct slice fields;     /* the header lines, each with its CR LF, and the empty one */
    int minor;               /* of HTTP/1.x: 0 or 1 */
    bool keep_alive;         /* what the client wants */
    bool expects_continue;   /* the client waits for "100 Continue" before it sends the body */
    bool has_length;         /* Content-Length or Transfer-Encoding given */
    bool chunked;            /* Transfer-Encoding given */
    uint64_t content_length; /* when not chunked */
    struct {
        struct http_line line;
        struct http_head facts;
        struct http_chunk chunk;
        size_t line_start, fields_start; /* offsets in `head` */
        bool skipped_empty_line;
    } private;
};

/* `max_body` bytes; over it the request is refused with 413. */
void http_reader_init(struct http_reader *reader, size_t max_body);
void http_reader_clear(struct http_reader *reader);

/* Consumes from `bytes` and returns how many were taken. Stops at GATE and at DONE: what is left
 * belongs to the body or to the next request. Byte by byte or all at once gives the same events.
 * One empty line before a request is skipped, as RFC 9112 wants. */
size_t http_reader_feed(struct http_reader *reader, struct slice bytes);

/* At GATE: goes on to the body, or to DONE without one, or to BAD when its length is over the limit
 * or the head has a fault in framing, Host or expectation. A request for which the gate decides
 * otherwise is simply never admitted. */
void http_reader_admit(struct http_reader *reader);

/* At GATE: the request has neither body nor fault, so that the next one follows at once. */
bool http_reader_is_bare(const struct http_reader *reader);

/* Has any byte of the request arrived? NULL, as between two requests, is allowed: no. */
bool http_reader_has_begun(const struct http_reader *reader);

/* At DONE, and at GATE for a bare request: ready for the next request of the connection. */
void http_reader_next(struct http_reader *reader);

#endif
