#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "base/xalloc.h"

enum { CONTENT_MAX = 64 * 1024, PIPE_WAIT_MS = 5000 };

/* Neither the open nor a read may block: a pipe may have no writer, or a silent one. */
static int open_secret(const char *path, struct error *error)
{
    struct stat status;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd == -1) {
        (void)error_set(error, "cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)))
        return fd;
    (void)error_set(error, "%s is not a file or a pipe", path);
    (void)close(fd);
    return -1;
}

/* A pipe without a writer reads as ended, so it is looked at only when it is ready. */
static bool await(int fd, int64_t end_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int64_t left_ms = end_ms - clock_monotonic_ms();

    return left_ms > 0 && poll(&ready, 1, (int)left_ms) == 1;
}

/* Reads one byte more than is allowed, to see it. */
static bool read_all(struct secret_file *file, int fd, const char *path, struct error *error)
{
    int64_t end_ms = clock_monotonic_ms() + PIPE_WAIT_MS;

    while (file->length <= CONTENT_MAX) {
        if (!await(fd, end_ms))
            return error_set(error, "%s gave no end within %d s", path, PIPE_WAIT_MS / 1000);
        ssize_t got = read(fd, file->data + file->length, CONTENT_MAX + 1 - file->length);
        if (got == 0)
            return true;
        if (got > 0)
            file->length += (size_t)got;
        else if (errno != EINTR && errno != EAGAIN)
            return error_set(error, "cannot read %s: %s", path, strerror(errno));
    }
    return error_set(error, "%s holds more than %d bytes", path, CONTENT_MAX);
}

static bool check(struct secret_file *file, const char *path, struct error *error)
{
    if (file->length > 0 && file->data[file->length - 1] == '\n')
        file->data[--file->length] = '\0';
    if (file->length == 0)
        return error_set(error, "%s is empty", path);
    if (memchr(file->data, '\0', file->length) != NULL)
        return error_set(error, "%s holds a NUL byte", path);
    return true;
}

bool secret_file_read(struct secret_file *file, const char *path, struct error *error)
{
    int fd = open_secret(path, error);

    if (fd == -1)
        return false;
    *file = (struct secret_file){.data = xcalloc(CONTENT_MAX + 2, 1)};
    bool done = read_all(file, fd, path, error) && check(file, path, error);
    (void)close(fd);
    if (!done)
        secret_file_clear(file);
    return done;
}

void secret_file_clear(struct secret_file *file)
{
    wipe_free(file->data, CONTENT_MAX + 2);
    *file = (struct secret_file){.data = NULL};
}
