#include "net/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/slice.h"

enum { FIRST_FD = 3 };

/* How many descriptors, from FIRST_FD on, are meant for this process. */
static bool count_sockets(uint64_t *count, struct error *error)
{
    const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    uint64_t target = 0;

    *count = 0;
    if (fds == NULL || pid == NULL || !slice_to_u64(slice_text(pid), &target) ||
        target != (uint64_t)getpid())
        return true;
    return slice_to_u64(slice_text(fds), count) || error_set(error, "LISTEN_FDS: not a number");
}

static bool is_option(int fd, int option, int wanted)
{
    int value = 0;
    socklen_t length = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 && value == wanted;
}

/* Flags that systemd sets, and others do not. */
static bool set_flags(int fd, struct error *error)
{
    int flags = fcntl(fd, F_GETFL);

    return (flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1 &&
            fcntl(fd, F_SETFD, FD_CLOEXEC) != -1) ||
           error_set(error, "LISTEN_FDS: descriptor %d: %s", fd, strerror(errno));
}

bool activation_socket(int *fd, struct error *error)
{
    uint64_t count;

    *fd = 0;
    if (!count_sockets(&count, error))
        return false;
    if (count == 0)
        return true;
    if (count > 1)
        return error_set(error, "LISTEN_FDS: one socket is wanted, more were handed over");
    if (!is_option(FIRST_FD, SO_TYPE, SOCK_STREAM) || !is_option(FIRST_FD, SO_ACCEPTCONN, 1))
        return error_set(error, "LISTEN_FDS: descriptor %d is not a listening stream socket",
                         FIRST_FD);
    *fd = FIRST_FD;
    return set_flags(FIRST_FD, error);
}
