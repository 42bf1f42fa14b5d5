#include "net/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/slice.h"
#include "base/xalloc.h"

enum { BACKLOG = 1024 };

/* --- text ------------------------------------------------------------------------------------- */

static bool split_port(struct slice text, struct slice *host, struct slice *port)
{
    size_t colon = text.length;
    uint64_t number;

    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    *host = slice_head(text, colon - 1);
    *port = slice_skip(text, colon);
    return port->length <= 5 && slice_to_u64(*port, &number) && number <= 65535;
}

static bool drop_brackets(struct slice *host)
{
    if (host->length < 2 || host->data[0] != '[')
        return host->length > 0 && slice_find(*host, ':') == host->length;
    bool closed = host->data[host->length - 1] == ']';
    *host = slice_head(slice_skip(*host, 1), host->length - 2);
    return closed && slice_find(*host, ':') < host->length;
}

bool listen_address_parse(struct listen_address *address, const char *text, struct error *error)
{
    struct slice host = slice_text(""), port = slice_text(""), path = slice_text("");
    struct sockaddr_un room;

    if (slice_starts_with(slice_text(text), "unix:")) {
        path = slice_skip(slice_text(text), strlen("unix:"));
        if (path.length == 0 || path.data[0] != '/' || path.length >= sizeof(room.sun_path))
            return error_set(error, "%s: the path must be absolute and shorter than %zu bytes",
                             text, sizeof(room.sun_path));
    } else if (!split_port(slice_text(text), &host, &port) || !drop_brackets(&host)) {
        return error_set(error, "%s: must be HOST:PORT, [IPV6]:PORT or unix:/path", text);
    }
    address->host = slice_copy(host);
    address->port = slice_copy(port);
    address->path = slice_copy(path);
    return true;
}

void listen_address_clear(struct listen_address *address)
{
    free(address->host);
    free(address->port);
    free(address->path);
    *address = (struct listen_address){NULL, NULL, NULL};
}

/* --- sockets ---------------------------------------------------------------------------------- */

static int open_bound(const struct sockaddr *name, socklen_t length)
{
    int fd = socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd == -1)
        return -1;
    if (name->sa_family != AF_UNIX) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    if (bind(fd, name, length) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static int open_tcp(const struct listen_address *address, struct error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int fd = -1;

    int status = getaddrinfo(address->host, address->port, &hints, &found);
    if (status != 0) {
        (void)error_set(error, "%s:%s: %s", address->host, address->port, gai_strerror(status));
        return -1;
    }
    for (const struct addrinfo *a = found; a != NULL && fd == -1; a = a->ai_next)
        fd = open_bound(a->ai_addr, a->ai_addrlen);
    if (fd == -1)
        (void)error_set(error, "%s:%s: %s", address->host, address->port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

/* A socket file outlives its process: it is dead when nobody accepts there. */
static bool is_stale(const struct sockaddr_un *name)
{
    struct stat status;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1)
        return false;
    bool refused = lstat(name->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
                   connect(fd, (const struct sockaddr *)name, sizeof(*name)) == -1 &&
                   errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

static int open_unix(const char *path, struct error *error)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const struct sockaddr *generic = (const struct sockaddr *)&name;

    memcpy(name.sun_path, path, strlen(path));
    int fd = open_bound(generic, sizeof(name));
    if (fd == -1 && errno == EADDRINUSE && is_stale(&name)) {
        (void)unlink(path);
        fd = open_bound(generic, sizeof(name));
    }
    if (fd == -1)
        (void)error_set(error, "unix:%s: %s", path, strerror(errno));
    return fd;
}

int listen_address_open(const struct listen_address *address, struct error *error)
{
    if (address->path[0] != '\0')
        return open_unix(address->path, error);
    return open_tcp(address, error);
}

char *listen_address_of(int fd)
{
    struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof(name);
    char host[NI_MAXHOST], port[NI_MAXSERV];

    (void)getsockname(fd, (struct sockaddr *)&name, &length);
    if (name.ss_family == AF_UNIX)
        return xasprintf("unix:%s", ((const struct sockaddr_un *)&name)->sun_path);
    if (getnameinfo((const struct sockaddr *)&name, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return xstrdup("unknown");
    return xasprintf(name.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}
