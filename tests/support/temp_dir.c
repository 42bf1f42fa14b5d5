#include "support/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

__attribute__((noreturn)) static void fail(const char *path)
{
    (void)fprintf(stderr, "temp_dir: %s: %s\n", path, strerror(errno));
    abort();
}

char *temp_dir_make(const char *name)
{
    const char *base = getenv("TMPDIR");
    char *path = xasprintf("%s/reelq-%s-XXXXXX", base != NULL ? base : "/tmp", name);

    if (mkdtemp(path) == NULL)
        fail(path);
    return path;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    (void)remove(path);
    return 0;
}

void temp_dir_remove(char *path)
{
    if (path != NULL)
        (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(path);
}

/* --- what is in it ---------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);

    return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static unsigned look(const char *path, const char *suffix, char **first)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    unsigned found = 0;

    if (count == -1)
        fail(path);
    for (int i = 0; i < count; i++) {
        if (ends_in(entries[i]->d_name, suffix) && found++ == 0 && first != NULL)
            *first = xasprintf("%s/%s", path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return found;
}

unsigned temp_dir_count(const char *path, const char *suffix)
{
    return look(path, suffix, NULL);
}

char *temp_dir_find(const char *path, const char *suffix)
{
    char *first = NULL;

    errno = ENOENT;
    if (look(path, suffix, &first) == 0)
        fail(suffix);
    return first;
}

/* --- files ------------------------------------------------------------------------------------ */

void temp_dir_read(const char *file, struct buffer *out)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    char bytes[4096];
    ssize_t count;

    if (fd == -1)
        fail(file);
    while ((count = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_add(out, bytes, (size_t)count);
    if (count == -1 || out->failed)
        fail(file);
    (void)close(fd);
}

void temp_dir_write(const char *file, struct slice content)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd == -1 || write(fd, content.data, content.length) != (ssize_t)content.length)
        fail(file);
    (void)close(fd);
}
