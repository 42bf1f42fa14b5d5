#include "net/http_capacity.h"

#include <sys/resource.h>

#include "base/log.h"

static rlim_t raise_limit(rlim_t needed)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return needed;
    rlim_t before = limit.rlim_cur;
    if (before >= needed)
        return before;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

unsigned http_capacity(const char *listener, unsigned wanted)
{
    rlim_t descriptors = raise_limit((rlim_t)wanted + HTTP_CAPACITY_RESERVE);
    rlim_t half = descriptors / 2;
    rlim_t room = half < HTTP_CAPACITY_RESERVE ? half : descriptors - HTTP_CAPACITY_RESERVE;

    if (room >= wanted)
        return wanted;
    room = room == 0 ? 1 : room;
    log_warn("connections-limited", "listener=%s wanted=%u possible=%u descriptors=%llu", listener,
             wanted, (unsigned)room, (unsigned long long)descriptors);
    return (unsigned)room;
}
