#include "webhook/spool_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { TRY_BYTES = 64 * 1024 };

static bool failed(struct error *error, const char *what)
{
    return error_set(error, "%s: %s", what, strerror(errno));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* The new name stands in the directory above. */
static bool sync_parent(int directory, struct error *error)
{
    int parent = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    bool good = parent != -1 && spool_dir_sync(parent, error);
    if (parent == -1)
        return failed(error, "the directory above");
    (void)close(parent);
    return good;
}

int spool_dir_open(const char *path, struct error *error)
{
    bool made = mkdir(path, 0700) == 0;
    int directory = -1;

    if (!made && errno != EEXIST) {
        (void)failed(error, path);
        return -1;
    }
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory == -1 || faccessat(directory, ".", R_OK | W_OK | X_OK, AT_EACCESS) == -1)
        (void)failed(error, path);
    else if (!made || sync_parent(directory, error))
        return directory;
    if (directory != -1)
        (void)close(directory);
    return -1;
}

/* --- checking --------------------------------------------------------------------------------- */

bool spool_dir_sync(int directory, struct error *error)
{
    return fsync(directory) == 0 || failed(error, "fsync of the directory");
}

/* A file without a name: it is gone when it is closed. A file system that has none is not tried. */
bool spool_dir_try(int directory, struct error *error)
{
    static const char zeros[TRY_BYTES];
    int fd = openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd == -1)
        return errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || failed(error, "open");
    errno = ENOSPC; /* what a short write means */
    bool good = (write(fd, zeros, TRY_BYTES) == TRY_BYTES || failed(error, "write")) &&
                (fdatasync(fd) == 0 || failed(error, "fdatasync"));
    (void)close(fd);
    return good;
}

/* --- looking through -------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);

    return length > tail && strcmp(name + length - tail, suffix) == 0;
}

size_t spool_dir_list(int directory, const char *suffix, char ***names)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd == -1 ? NULL : fdopendir(fd);
    size_t count = 0;

    *names = NULL;
    if (stream == NULL) {
        if (fd != -1)
            (void)close(fd);
        return 0;
    }
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        if (ends_in(entry->d_name, suffix)) {
            *names = xrealloc(*names, count + 1, sizeof(**names));
            (*names)[count++] = xstrdup(entry->d_name);
        }
    (void)closedir(stream);
    if (count > 0)
        qsort(*names, count, sizeof(**names), compare);
    return count;
}

void spool_dir_free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
