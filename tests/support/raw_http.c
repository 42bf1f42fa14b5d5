#include "support/raw_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { PATIENCE_S = 15 };

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "raw_http: %s: %s\n", what, detail);
    abort();
}

static int dial(const struct sockaddr *name, socklen_t length)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1 || connect(fd, name, length) == -1)
        fail("connect", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

static int dial_unix(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    return dial((const struct sockaddr *)&name, sizeof(name));
}

static int dial_tcp(const char *address)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    struct slice text = slice_text(address);
    size_t colon = slice_find(text, ':');
    char *host = slice_copy(slice_head(text, colon));
    uint64_t port = 0;

    if (inet_pton(AF_INET, host, &name.sin_addr) != 1 ||
        !slice_to_u64(slice_skip(text, colon + 1), &port))
        fail("bad address", address);
    free(host);
    name.sin_port = htons((uint16_t)port);
    return dial((const struct sockaddr *)&name, sizeof(name));
}

int raw_http_send_bytes(const char *address, struct slice bytes)
{
    static const char unix_prefix[] = "unix:";
    bool is_unix = strncmp(address, unix_prefix, strlen(unix_prefix)) == 0;
    int fd = is_unix ? dial_unix(address + strlen(unix_prefix)) : dial_tcp(address);

    while (bytes.length > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.length, MSG_NOSIGNAL);
        if (sent <= 0)
            fail("send", strerror(errno));
        bytes = slice_skip(bytes, (size_t)sent);
    }
    return fd;
}

int raw_http_send(const char *address, const char *text)
{
    return raw_http_send_bytes(address, slice_text(text));
}

void raw_http_receive(int fd, struct buffer *answer)
{
    char bytes[4096];
    ssize_t count;

    buffer_reset(answer);
    do {
        count = recv(fd, bytes, sizeof(bytes), 0);
        if (count == -1)
            fail("recv", strerror(errno));
        buffer_add(answer, bytes, (size_t)count);
    } while (count > 0);
    (void)close(fd);
}

int raw_http_call(const char *address, const char *text, struct buffer *answer)
{
    raw_http_receive(raw_http_send(address, text), answer);
    return raw_http_status(answer);
}

int raw_http_get(const char *address, const char *path, struct buffer *answer)
{
    char *text = xasprintf("GET %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", path);
    int status = raw_http_call(address, text, answer);

    free(text);
    return status;
}

int raw_http_status(const struct buffer *answer)
{
    uint64_t status = 0;

    if (slice_starts_with(buffer_slice(answer), "HTTP/1.1 "))
        (void)slice_to_u64(slice_make(answer->data + strlen("HTTP/1.1 "), 3), &status);
    return (int)status;
}

const char *raw_http_body(const struct buffer *answer)
{
    const char *end = strstr(buffer_text(answer), "\r\n\r\n");

    return end == NULL ? "" : end + strlen("\r\n\r\n");
}
