/* http_reach - how far away an address is: VideoDB names URLs for the worker to ask, and those must
 * not lead into the network that the worker stands in. Pure. */
#ifndef REELQ_HTTP_REACH_H
#define REELQ_HTTP_REACH_H

#include <sys/socket.h>

enum http_reach {
    HTTP_REACH_HOST,    /* loopback */
    HTTP_REACH_NETWORK, /* private, link-local, shared, multicast, reserved, or not known */
    HTTP_REACH_PUBLIC   /* of the internet */
};

/* An IPv6 address that carries an IPv4 one (mapped, NAT64) is as far as that. */
enum http_reach http_reach_of_address(const struct sockaddr *address);

/* By what the URL says, without resolving: a name without a dot, and localhost and what ends in it,
 * is not public, every other name is. */
enum http_reach http_reach_of_url(const char *text);

#endif
