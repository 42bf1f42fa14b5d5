#include "net/address_prefix.h"

#include <string.h>

bool address_prefix_fits(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
    unsigned bytes = bits / 8, rest = bits % 8;

    if (memcmp(address, prefix, bytes) != 0)
        return false;
    return rest == 0 || (address[bytes] ^ prefix[bytes]) >> (8 - rest) == 0;
}
