/* address_prefix - blocks of IP addresses. */
#ifndef REELQ_ADDRESS_PREFIX_H
#define REELQ_ADDRESS_PREFIX_H

#include <stdbool.h>

/* Do the first `bits` bits of both agree? Both have as many bytes as those take, in network order.
 */
bool address_prefix_fits(const unsigned char *address, const unsigned char *prefix, unsigned bits);

#endif
