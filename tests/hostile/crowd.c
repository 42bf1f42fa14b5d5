#include "hostile/crowd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { SPARE = 200 };

void crowd_allow(unsigned count)
{
    struct rlimit limit;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < count + SPARE)
        cr_skip_test("%llu descriptors allowed, %u needed", (unsigned long long)limit.rlim_max,
                     count + SPARE);
    if (limit.rlim_cur < count + SPARE)
        limit.rlim_cur = count + SPARE;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static struct addrinfo *resolve(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;

    int status = getaddrinfo(host, port, &hints, &found);
    cr_assert_eq(status, 0, "%s: %s", host, gai_strerror(status));
    return found;
}

static int dial(const struct addrinfo *to, const struct addrinfo *source)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_neq(fd, -1, "%s", strerror(errno));
    if (source != NULL)
        cr_assert_eq(bind(fd, source->ai_addr, source->ai_addrlen), 0, "%s", strerror(errno));
    cr_assert_eq(connect(fd, to->ai_addr, to->ai_addrlen), 0, "%s", strerror(errno));
    return fd;
}

void crowd_gather(struct crowd *crowd, size_t count, const struct crowd_from *from,
                  struct slice text)
{
    struct addrinfo *to = resolve(from->host, strrchr(from->address, ':') + 1);
    struct addrinfo *source = from->source == NULL ? NULL : resolve(from->source, "0");

    *crowd = (struct crowd){.fds = xcalloc(count, sizeof(int)), .count = count};
    for (size_t i = 0; i < count; i++) {
        crowd->fds[i] = dial(to, source);
        if (text.length > 0)
            (void)send(crowd->fds[i], text.data, text.length, MSG_NOSIGNAL);
    }
    freeaddrinfo(to);
    if (source != NULL)
        freeaddrinfo(source);
}

static void close_one(struct crowd *crowd, size_t i)
{
    (void)close(crowd->fds[i]);
    crowd->fds[i] = -1;
}

void crowd_drip(struct crowd *crowd, char byte)
{
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->fds[i] != -1 && send(crowd->fds[i], &byte, 1, MSG_NOSIGNAL) != 1)
            close_one(crowd, i);
}

size_t crowd_look(struct crowd *crowd)
{
    size_t open = 0;
    char bytes[4096];

    for (size_t i = 0; i < crowd->count; i++) {
        ssize_t got = 1;
        while (crowd->fds[i] != -1 && got > 0)
            got = recv(crowd->fds[i], bytes, sizeof(bytes), MSG_DONTWAIT);
        if (crowd->fds[i] == -1)
            continue;
        if (got == -1 && errno == EAGAIN)
            open++;
        else
            close_one(crowd, i);
    }
    return open;
}

void crowd_leave(struct crowd *crowd, bool reset)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};

    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->fds[i] == -1)
            continue;
        if (reset)
            (void)setsockopt(crowd->fds[i], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        close_one(crowd, i);
    }
    free(crowd->fds);
}
