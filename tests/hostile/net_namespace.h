/* net_namespace - a network of the test's own, with nothing on it but its own addresses. */
#ifndef REELQ_TESTS_NET_NAMESPACE_H
#define REELQ_TESTS_NET_NAMESPACE_H

#include <stdbool.h>

/* For this process and those that it starts; loopback is up. False without the right to do so. */
bool net_namespace_enter(void);

/* One more address of this host, IPv4 or IPv6; the same one again does nothing. */
void net_namespace_add(const char *address);

#endif
