#include "hostile/net_namespace.h"

#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* As the kernel has it; its own header does not go together with <netinet/in.h>. */
struct address_v6 {
    struct in6_addr address;
    uint32_t prefix;
    int interface;
};

static int labels; /* of the IPv4 addresses: lo:1, lo:2 ... */

static bool bring_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    (void)close(fd);
    return up;
}

bool net_namespace_enter(void)
{
    bool own = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
    return own && bring_up();
}

static int add_v4(const struct in_addr *address)
{
    struct ifreq request = {0};
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = *address};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)snprintf(request.ifr_name, sizeof(request.ifr_name), "lo:%d", ++labels);
    memcpy(&request.ifr_addr, &name, sizeof(name));
    int status = ioctl(fd, SIOCSIFADDR, &request);
    (void)close(fd);
    return status;
}

static int add_v6(const struct in6_addr *address)
{
    struct address_v6 request = {
        .address = *address, .prefix = 128, .interface = (int)if_nametoindex("lo")};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    int status = ioctl(fd, SIOCSIFADDR, &request);
    (void)close(fd);
    return status;
}

void net_namespace_add(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    int status = -1;

    if (inet_pton(AF_INET, address, &v4) == 1)
        status = add_v4(&v4);
    else if (inet_pton(AF_INET6, address, &v6) == 1)
        status = add_v6(&v6);
    cr_assert(status == 0 || errno == EEXIST, "%s: %s", address, strerror(errno));
}
