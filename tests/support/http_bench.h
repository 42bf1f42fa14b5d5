/* http_bench - an HTTP listener and its clients on one loop in one process: the loop turns until
 * what a client waits for is there. Routes: /echo answers with the body, /later when the test says
 * so, /post takes only POST, /missing is found missing by its handler. */
#ifndef REELQ_TESTS_HTTP_BENCH_H
#define REELQ_TESTS_HTTP_BENCH_H

#include "net/http_server.h"
#include "net/http_timing.h"

enum { HTTP_BENCH_LATER = 8, HTTP_BENCH_RECEIVED_MAX = 1024 * 1024 };

struct http_bench {
    struct loop *loop;
    struct http_server *server;
    struct loop_timer tick;
    struct http_request *later[HTTP_BENCH_LATER];
    unsigned later_count;
    unsigned handled;
    bool idle;
    struct http_timing timing;
    struct http_server_options options;
};

/* Whole answers, and requests that get them. */
#define OK_BODY(length, body)                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " length "\r\n\r\n" body
#define OK_CLOSE(length, body)                                                                     \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " length                       \
    "\r\nConnection: close\r\n\r\n" body
#define REFUSED(status, length, extra, body)                                                       \
    "HTTP/1.1 " status "\r\nContent-Type: text/plain\r\nContent-Length: " length "\r\n" extra      \
    "Connection: close\r\n\r\n" body
#define NOT_FOUND   REFUSED("404 Not Found", "10", "", "not found\n")
#define BAD_REQUEST REFUSED("400 Bad Request", "12", "", "bad request\n")
#define TIMED_OUT   REFUSED("408 Request Timeout", "16", "", "request timeout\n")
#define ECHO(length, body)                                                                         \
    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " length "\r\n\r\n" body
#define LATER "POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"

/* A loop and options with the usual values, to be changed before the start. */
void http_bench_init(struct http_bench *bench);
void http_bench_start(struct http_bench *bench);
void http_bench_clear(struct http_bench *bench);

/* One turn of the loop, of 2 ms at most. */
void http_bench_turn(struct http_bench *bench);

void http_bench_wait_later(struct http_bench *bench, unsigned count);
void http_bench_wait_open(struct http_bench *bench, unsigned count);
void http_bench_reply(struct http_request *request, int status, struct slice body);

/* A connected socket; what is said on it must fit into the kernel's buffers. */
int http_bench_dial(const struct http_bench *bench);
void http_bench_say(int fd, const char *text);

/* Reads until `length` bytes are there or the stream ends; true at its proper end. */
bool http_bench_collect(struct http_bench *bench, int fd, size_t length, struct buffer *got);
void http_bench_expect(struct http_bench *bench, int fd, const char *text);

/* `text`, and then the end of the stream; closes. */
void http_bench_expect_last(struct http_bench *bench, int fd, const char *text);
void http_bench_expect_silence(struct http_bench *bench, int fd);

#endif
