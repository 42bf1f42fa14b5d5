#include "webhook/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "webhook/spool_dir.h"
#include "webhook/spool_record.h"

/* Files that this program writes stay far below CONTENT_MAX. */
enum { CONTENT_MAX = 64 * 1024 * 1024, CHUNK = 64 * 1024, NAME_TRIES = 8 };

static bool failed(struct error *error, const char *what)
{
    return error_set(error, "%s: %s", what, strerror(errno));
}

static struct spool_file *new_file(int directory, int fd, const char *name)
{
    struct spool_file *file = xcalloc(1, sizeof(*file));

    file->directory = directory;
    file->fd = fd;
    (void)snprintf(file->name, sizeof(file->name), "%s", name);
    buffer_init(&file->content, CONTENT_MAX);
    return file;
}

void spool_file_free(struct spool_file *file)
{
    if (file == NULL)
        return;
    (void)close(file->fd);
    buffer_clear(&file->content);
    free(file);
}

/* The lock, and the proof that its file was not removed, by the one who had it, before it was ours.
 */
static bool lock(int fd, struct stat *status)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, status) == 0 && status->st_nlink > 0;
}

/* --- making ----------------------------------------------------------------------------------- */

/* Names go up with time, and always within a process; the end tells processes apart. */
static void make_name(char name[SPOOL_FILE_NAME])
{
    static int64_t last_ms;
    static uint32_t process;
    int64_t now_ms = clock_wall_ms();

    if (process == 0)
        clock_random(&process, sizeof(process));
    last_ms = now_ms > last_ms ? now_ms : last_ms + 1;
    (void)snprintf(name, SPOOL_FILE_NAME, "%013lld-%08x" SPOOL_FILE_SUFFIX, (long long)last_ms,
                   (unsigned)process);
}

/* Between open and lock another process may find the file, and remove it as an empty one that
 * nobody holds: then a new name is as good. Nothing is lost by removing it ourselves as well. */
static int create(int directory, char name[SPOOL_FILE_NAME], struct error *error)
{
    struct stat status;

    for (int i = 0; i < NAME_TRIES; i++) {
        make_name(name);
        int fd = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd != -1 && lock(fd, &status))
            return fd;
        bool hopeless = fd == -1 && errno != EEXIST;
        (void)failed(error, fd == -1 ? "cannot make a file" : "cannot lock a file");
        if (hopeless)
            return -1;
        if (fd == -1)
            continue;
        (void)unlinkat(directory, name, 0);
        (void)close(fd);
    }
    return -1;
}

struct spool_file *spool_file_create(int directory, struct error *error)
{
    char name[SPOOL_FILE_NAME];
    int fd = create(directory, name, error);

    if (fd == -1)
        return NULL;
    if (spool_dir_sync(directory, error))
        return new_file(directory, fd, name);
    (void)unlinkat(directory, name, 0);
    (void)close(fd);
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool write_all(int fd, struct slice bytes, size_t offset, struct error *error)
{
    while (bytes.length > 0) {
        ssize_t count = pwrite(fd, bytes.data, bytes.length, (off_t)offset);
        if (count == -1 && errno == EINTR)
            continue;
        if (count <= 0)
            return failed(error, "write");
        bytes = slice_skip(bytes, (size_t)count);
        offset += (size_t)count;
    }
    return true;
}

bool spool_file_write(struct spool_file *file, struct slice records, struct error *error)
{
    if (write_all(file->fd, records, file->size, error) &&
        (fdatasync(file->fd) == 0 || failed(error, "fdatasync"))) {
        file->size += records.length;
        return true;
    }
    file->sealed = true;
    if (ftruncate(file->fd, (off_t)file->size) == -1)
        log_warn("spool-not-cut", "file=%s offset=%zu", file->name, file->size);
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* NULL, or why not. */
static const char *read_chunk(struct spool_file *file)
{
    char chunk[CHUNK];
    size_t want = file->size - file->content.length;
    ssize_t count;

    do {
        count = pread(file->fd, chunk, want < CHUNK ? want : CHUNK, (off_t)file->content.length);
    } while (count == -1 && errno == EINTR);
    if (count <= 0)
        return count == 0 ? "shorter than it was" : strerror(errno);
    buffer_add(&file->content, chunk, (size_t)count);
    return file->content.failed ? "too large" : NULL;
}

struct slice spool_file_read(struct spool_file *file)
{
    while (file->content.length < file->size) {
        const char *why = read_chunk(file);
        if (why == NULL)
            continue;
        log_error("spool-unreadable", "file=%s offset=%zu reason=%s", file->name,
                  file->content.length, log_quote_text(why));
        file->damaged = true;
        file->sealed = true;
        file->size = file->content.length;
    }
    return slice_skip(buffer_slice(&file->content), file->taken);
}

void spool_file_report(struct spool_file *file, size_t offset, size_t length)
{
    if (!file->reported)
        log_error("spool-damaged", "file=%s offset=%zu bytes=%zu", file->name, offset, length);
    file->damaged = true;
}

/* --- removing --------------------------------------------------------------------------------- */

bool spool_file_remove(struct spool_file *file, struct error *error)
{
    char kept[SPOOL_FILE_NAME + 16];
    int status;

    (void)snprintf(kept, sizeof(kept), "%s.damaged", file->name);
    if (file->damaged)
        status = renameat(file->directory, file->name, file->directory, kept);
    else
        status = unlinkat(file->directory, file->name, 0);
    if (status == -1 && errno != ENOENT)
        return failed(error, "cannot remove");
    if (!spool_dir_sync(file->directory, error))
        log_warn("spool-sync", "reason=%s", log_quote_text(error->text));
    spool_file_free(file);
    return true;
}

/* --- adopting --------------------------------------------------------------------------------- */

static void cut_off(struct spool_file *file, size_t length)
{
    file->size = file->taken;
    bool cut = ftruncate(file->fd, (off_t)file->size) == 0;
    log_warn("spool-torn", "file=%s offset=%zu bytes=%zu cut=%s", file->name, file->size, length,
             cut ? "yes" : "no");
}

/* Walks through the records by `taken`, and puts it back. */
static void survey(struct spool_file *file)
{
    struct spool_piece piece;

    do {
        piece = spool_record_next(spool_file_read(file));
        if (piece.found == SPOOL_FOUND_RECORD)
            file->records++;
        else if (piece.found == SPOOL_FOUND_DAMAGE)
            spool_file_report(file, file->taken, piece.length);
        else if (piece.found == SPOOL_FOUND_TORN)
            cut_off(file, piece.length);
        file->taken += piece.length;
    } while (piece.found == SPOOL_FOUND_RECORD || piece.found == SPOOL_FOUND_DAMAGE);
    file->taken = 0;
    file->reported = true;
    buffer_clear(&file->content);
}

struct spool_file *spool_file_adopt(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    struct error error;

    if (fd == -1)
        return NULL;
    if (strlen(name) >= SPOOL_FILE_NAME || !lock(fd, &status) || !S_ISREG(status.st_mode)) {
        (void)close(fd);
        return NULL;
    }
    struct spool_file *file = new_file(directory, fd, name);
    file->sealed = true;
    file->size = (size_t)status.st_size;
    survey(file);
    if (file->records > 0)
        return file;
    if (!spool_file_remove(file, &error))
        spool_file_free(file);
    return NULL;
}
