/* http_stream - the bytes of one client: what came and was not taken yet, what is still to be sent.
 */
#ifndef REELQ_HTTP_STREAM_H
#define REELQ_HTTP_STREAM_H

#include <sys/socket.h>

#include "base/slice.h"
#include "net/loop.h"

/* The longest text of an address, and its NUL. */
enum { HTTP_STREAM_PEER_SIZE = 46 };

struct http_stream;

/* All three come from the loop and may close the stream. */
struct http_stream_events {
    void (*on_input)(void *arg);
    void (*on_sent)(void *arg);             /* everything was sent that had to wait */
    void (*on_end)(bool failed, void *arg); /* the client sends no more, or (then close) is gone */
    void *arg;
};

/* Takes over the connected, non-blocking socket `fd`. `events` is copied. */
struct http_stream *http_stream_new(struct loop *loop, int fd,
                                    const struct http_stream_events *events);

/* Closes the socket. No callback comes after it. */
void http_stream_free(struct http_stream *stream);

/* The bytes that came and were not dropped yet: 16 KiB at most, since nothing is read while there
 * are any. Good until they are dropped, or the event that brought them has been dealt with. A
 * length that is dropped is clamped. */
struct slice http_stream_peek(const struct http_stream *stream);
void http_stream_drop(struct http_stream *stream, size_t length);

/* No byte has come, not even into the kernel's buffer. */
bool http_stream_is_silent(const struct http_stream *stream);

/* Calls on_input from the loop for what is there already. */
void http_stream_wake(struct http_stream *stream);

/* Sends what the socket takes at once, and the rest from the loop. Errors come as on_end. */
void http_stream_send(struct http_stream *stream, struct slice bytes);

/* Everything was handed to the kernel; how many bytes were not. */
bool http_stream_is_sent(const struct http_stream *stream);
size_t http_stream_unsent(const struct http_stream *stream);

/* Events go to somebody else from now on; also from within one. */
void http_stream_rebind(struct http_stream *stream, const struct http_stream_events *events);

/* The client sees the end of the stream; input still comes. */
void http_stream_finish(struct http_stream *stream);

/* The address without the port, or "unix". */
void http_stream_name_peer(const struct sockaddr *name, char text[HTTP_STREAM_PEER_SIZE]);

#endif
