/* raw_http - a client that sends just the bytes it is given, and gives back the bytes that came.
 * Calls block, 15 s at most; what cannot be done ends the test process with a line that says why.
 */
#ifndef REELQ_TESTS_RAW_HTTP_H
#define REELQ_TESTS_RAW_HTTP_H

#include "base/buffer.h"

enum { RAW_HTTP_MAX = 1024 * 1024 };

/* A connection to "HOST:PORT" or "unix:/path", on which `text` was sent. */
int raw_http_send(const char *address, const char *text);
int raw_http_send_bytes(const char *address, struct slice bytes);

/* Everything up to the end of the stream; closes. `answer` is emptied before. */
void raw_http_receive(int fd, struct buffer *answer);

/* Both in turn: the request should ask for the end of the connection. The status of the answer. */
int raw_http_call(const char *address, const char *text, struct buffer *answer);

/* GET of `path`; the same. */
int raw_http_get(const char *address, const char *path, struct buffer *answer);

/* The number after "HTTP/1.1 ", 0 when there is none; what follows the head. */
int raw_http_status(const struct buffer *answer);
const char *raw_http_body(const struct buffer *answer);

#endif
