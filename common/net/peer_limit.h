/* peer_limit - how many connections each address has, and who is exempt from counting. */
#ifndef REELQ_PEER_LIMIT_H
#define REELQ_PEER_LIMIT_H

#include <sys/socket.h>

#include "base/error.h"

/* Who a connection counts for: an IPv4 address, or the /64 of an IPv6 one, since one host has all
 * of that. */
struct peer {
    bool counted;
    unsigned char address[16];
};

struct peer_limit;

/* At most `maximum` connections of one peer; 0: no limit. `exempt` is a comma list of addresses and
 * CIDR blocks that are not counted; loopback and unix sockets never are. NULL and an error that
 * names the entry that is neither. */
struct peer_limit *peer_limit_new(unsigned maximum, const char *exempt, struct error *error);

/* NULL is allowed. */
void peer_limit_free(struct peer_limit *limit);

/* Counts one connection in. False when the peer has as many as it may; then nothing was counted. On
 * true `peer` must be handed to peer_limit_leave() when the connection is gone. */
MUST_USE bool peer_limit_enter(struct peer_limit *limit, const struct sockaddr *name,
                               struct peer *peer);
void peer_limit_leave(struct peer_limit *limit, const struct peer *peer);

#endif
