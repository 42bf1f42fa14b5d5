#include "net/health.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/listen_address.h"

/* Of each step: connecting, sending, receiving. */
enum { PATIENCE_S = 2 };

static const char request[] = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char good[] = "HTTP/1.1 200";

static int open_connected(const struct sockaddr *name, socklen_t length)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, name, length) == 0)
        return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    memcpy(name.sun_path, path, strlen(path));
    return open_connected((const struct sockaddr *)&name, sizeof(name));
}

/* "Any address" is one to listen on, and a way to say loopback only by the kernel's courtesy. */
static const char *host_to_ask(const char *host)
{
    if (strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}

static int connect_tcp(const struct listen_address *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int fd = -1;

    errno = EADDRNOTAVAIL;
    if (getaddrinfo(host_to_ask(address->host), address->port, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *a = found; a != NULL && fd == -1; a = a->ai_next)
        fd = open_connected(a->ai_addr, a->ai_addrlen);
    int saved = errno;
    freeaddrinfo(found);
    errno = saved;
    return fd;
}

static const char *reason(int number)
{
    return number == EAGAIN || number == EINPROGRESS ? "no answer" : strerror(number);
}

static bool ask(int fd, const char *listen, struct error *error)
{
    char status[sizeof(good)] = "";

    errno = 0;
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) == -1 ||
        recv(fd, status, strlen(good), MSG_WAITALL) == -1)
        return error_set(error, "%s: %s", listen, reason(errno));
    if (strcmp(status, good) == 0)
        return true;
    bool complete = status[strlen(good) - 1] != '\0';
    return error_set(error, complete ? "%s: /livez is not answered by 200" : "%s: no answer",
                     listen);
}

bool health_check(const struct config *config, struct error *error)
{
    struct listen_address address;
    const char *listen = config->admin_listen;

    if (strcmp(listen, "off") == 0)
        return error_set(error, "REELQ_ADMIN_LISTEN is off: nobody to ask");
    if (!listen_address_parse(&address, listen, error))
        return error_prefix(error, "REELQ_ADMIN_LISTEN");
    bool picked = strcmp(address.port, "0") == 0;
    int fd = -1;
    if (!picked)
        fd = address.path[0] != '\0' ? connect_unix(address.path) : connect_tcp(&address);
    int saved = errno;
    listen_address_clear(&address);
    if (picked)
        return error_set(error, "%s: the system picks the port: nobody to ask", listen);
    if (fd == -1)
        return error_set(error, "%s: %s", listen, reason(saved));
    bool works = ask(fd, listen, error);
    (void)close(fd);
    return works;
}
