/* listen_address - where a listener waits: "HOST:PORT", "[IPV6]:PORT" or "unix:/path". */
#ifndef REELQ_LISTEN_ADDRESS_H
#define REELQ_LISTEN_ADDRESS_H

#include "base/error.h"

/* One of the two is given, the other is "". NUL-terminated copies. */
struct listen_address {
    char *host; /* without brackets */
    char *path; /* of a unix socket */
    char *port;
};

/* Checks the form only: nothing is resolved. The error begins with the text. After false nothing
 * needs clearing. */
MUST_USE bool listen_address_parse(struct listen_address *address, const char *text,
                                   struct error *error);
void listen_address_clear(struct listen_address *address);

/* A non-blocking listening socket with SO_REUSEPORT; the path of a unix socket that nobody listens
 * on any more is taken over. -1 and an error that says why. */
int listen_address_open(const struct listen_address *address, struct error *error);

/* What `fd` listens on: "127.0.0.1:34567", "[::1]:34567" or "unix:/path". The caller frees it. */
char *listen_address_of(int fd);

#endif
