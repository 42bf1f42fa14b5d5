/* http_acceptor - a listening socket that hands out what connects to it, and survives a process
 * that has no file descriptors left. */
#ifndef REELQ_HTTP_ACCEPTOR_H
#define REELQ_HTTP_ACCEPTOR_H

#include <sys/socket.h>

#include "base/error.h"
#include "net/loop.h"

struct http_acceptor;

/* `fd` is non-blocking and the receiver's from now on. From the loop, or from http_acceptor_stop().
 */
typedef void (*http_accept_fn)(int fd, const struct sockaddr *name, void *arg);

struct http_acceptor_options {
    struct loop *loop;
    const char *listen; /* as for listen_address */
    int socket; /* > 0: listens already, and stays open elsewhere; `listen` does not count */
    http_accept_fn fn;
    void *arg;
};

/* NULL and an error when it cannot listen. A given socket is the acceptor's then, and closed by it.
 */
struct http_acceptor *http_acceptor_new(const struct http_acceptor_options *options,
                                        struct error *error);

/* Hands out the connections that wait already, then closes the socket and removes its file; from a
 * socket that stays open elsewhere they are for the next process. Further calls do nothing. */
void http_acceptor_stop(struct http_acceptor *acceptor);

/* Closes without handing out any more. NULL is allowed. */
void http_acceptor_free(struct http_acceptor *acceptor);

/* "127.0.0.1:34567" or "unix:/path". */
const char *http_acceptor_address(const struct http_acceptor *acceptor);

#endif
