/* spool_file - one file of the spool: made or adopted, written to, read back, removed.
 * A file belongs to whoever holds its flock(): the kernel lets go of it when a process ends,
 * however that happens, and then another one may adopt the file. So several processes can use one
 * directory. All calls block; errors are one line for the log. */
#ifndef REELQ_SPOOL_FILE_H
#define REELQ_SPOOL_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#define SPOOL_FILE_SUFFIX ".spool"

enum { SPOOL_FILE_NAME = 64 };

struct spool_file {
    int directory, fd;
    char name[SPOOL_FILE_NAME]; /* in the order of names is the order of their records */
    size_t size;                /* of what is safe on the disk */
    size_t taken;               /* how much of it is done with: an offset, kept in memory only */
    uint64_t records;           /* not yet taken */
    bool sealed;                /* not to be written to any more */
    bool damaged;               /* to be kept for a look at it */
    bool reported;              /* of an adopted one: what is damaged in it was said */
    struct buffer content;      /* what spool_file_read() has read */
    struct spool_file *next;    /* for the owner */
};

/* A new, empty file that sorts behind those that exist; NULL and an error when it cannot be made.
 */
struct spool_file *spool_file_create(int directory, struct error *error);

/* One that nobody holds; NULL when somebody does, or when there is nothing in it to keep: then it
 * is removed. Reads all of it: reports what is damaged, reports and cuts off a record that was
 * being written when its writer ended. Such a file is sealed. */
struct spool_file *spool_file_adopt(int directory, const char *name);

/* Writes whole records behind the others and returns when they are safe on the disk (fdatasync).
 * When that fails the file ends where it did before, and is sealed: the page cache is not to be
 * trusted after a failed sync, so the caller goes on with a new file. Should the file not even be
 * cut, its end is read as a torn record, or as one that comes twice: both do no harm. */
MUST_USE bool spool_file_write(struct spool_file *file, struct slice records, struct error *error);

/* What is not taken yet; valid until the next call for this file. Records that cannot be read back
 * from the disk are reported, and left out. */
struct slice spool_file_read(struct spool_file *file);

/* Says in the log that `length` bytes at `offset` are no record, unless adoption did. */
void spool_file_report(struct spool_file *file, size_t offset, size_t length);

/* Removes the file and frees `file`; a damaged one is renamed to NAME.damaged instead. False and
 * an error: it is still there, and held. */
MUST_USE bool spool_file_remove(struct spool_file *file, struct error *error);

/* Leaves the file to whoever adopts it. NULL is allowed. */
void spool_file_free(struct spool_file *file);

#endif
