#include "worker/http_reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "net/address_prefix.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { URL_MAX = 16384, V4_IN_V6 = 12 };

/* --- addresses -------------------------------------------------------------------------------- */

/* All of 224.0.0.0/3: multicast, reserved, broadcast. 100.64.0.0/10 is shared by customers of one
 * provider, and has metadata services of clouds. */
static const struct {
    unsigned char bytes[4];
    unsigned bits;
    enum http_reach reach;
} v4_blocks[] = {
    {{127}, 8, HTTP_REACH_HOST},           {{0}, 8, HTTP_REACH_NETWORK},
    {{10}, 8, HTTP_REACH_NETWORK},         {{100, 64}, 10, HTTP_REACH_NETWORK},
    {{169, 254}, 16, HTTP_REACH_NETWORK},  {{172, 16}, 12, HTTP_REACH_NETWORK},
    {{192, 0, 0}, 24, HTTP_REACH_NETWORK}, {{192, 168}, 16, HTTP_REACH_NETWORK},
    {{198, 18}, 15, HTTP_REACH_NETWORK},   {{224}, 3, HTTP_REACH_NETWORK},
};

static enum http_reach reach_of_v4(const unsigned char *address)
{
    for (size_t i = 0; i < COUNT(v4_blocks); i++)
        if (address_prefix_fits(address, v4_blocks[i].bytes, v4_blocks[i].bits))
            return v4_blocks[i].reach;
    return HTTP_REACH_PUBLIC;
}

/* Public is 2000::/3 without what is set aside in 2001::/23 (Teredo too) and the relays of
 * 2002::/16. */
static enum http_reach reach_of_v6(const unsigned char *address)
{
    static const unsigned char mapped[] = {[10] = 0xff, 0xff}, nat64[12] = {0, 0x64, 0xff, 0x9b},
                               loopback[16] = {[15] = 1}, global[] = {0x20},
                               special[] = {0x20, 0x01, 0}, relays[] = {0x20, 0x02};

    if (address_prefix_fits(address, mapped, 96) || address_prefix_fits(address, nat64, 96))
        return reach_of_v4(address + V4_IN_V6);
    if (address_prefix_fits(address, loopback, 128))
        return HTTP_REACH_HOST;
    bool is_public = address_prefix_fits(address, global, 3) &&
                     !address_prefix_fits(address, special, 23) &&
                     !address_prefix_fits(address, relays, 16);
    return is_public ? HTTP_REACH_PUBLIC : HTTP_REACH_NETWORK;
}

enum http_reach http_reach_of_address(const struct sockaddr *address)
{
    const void *any = address;

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = any;
        return reach_of_v4((const unsigned char *)&v4->sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = any;
        return reach_of_v6(v6->sin6_addr.s6_addr);
    }
    return HTTP_REACH_NETWORK;
}

/* --- URLs ------------------------------------------------------------------------------------- */

static bool ends_in(struct slice host, const char *end)
{
    size_t length = strlen(end);

    return host.length >= length && slice_is_nocase(slice_skip(host, host.length - length), end);
}

static enum http_reach reach_of_name(struct slice name)
{
    if (slice_is_nocase(name, "localhost") || ends_in(name, ".localhost"))
        return HTTP_REACH_HOST;
    return slice_find(name, '.') == name.length ? HTTP_REACH_NETWORK : HTTP_REACH_PUBLIC;
}

/* inet_aton() also knows 127.1 and 2130706433, which the resolver takes for addresses. */
enum http_reach http_reach_of_url(const char *text)
{
    struct url url;
    struct in_addr v4;
    struct in6_addr v6;

    if (!url_parse(slice_text(text), URL_MAX, &url, NULL))
        return HTTP_REACH_NETWORK;
    char *host = slice_copy(url.host);
    enum http_reach reach = reach_of_name(url.host);
    if (inet_aton(host, &v4) != 0)
        reach = reach_of_v4((const unsigned char *)&v4);
    else if (inet_pton(AF_INET6, host, &v6) == 1)
        reach = reach_of_v6(v6.s6_addr);
    free(host);
    return reach;
}
