#include "webhook/spool.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "webhook/spool_dir.h"
#include "webhook/spool_file.h"
#include "webhook/spool_record.h"

enum {
    FILE_BYTES = 4 * 1024 * 1024, /* then a new file is begun: space comes back by whole files */
    COMMIT_BYTES = 1024 * 1024,   /* written with one sync, and one record more */
    BATCH_BYTES = 256 * 1024,     /* read at once, and one record more */
    LOOK_MS = 2000,               /* between looks for files left behind, or at a failed disk */
    FAILED_MS = 500               /* before the first look at it: what is held is to profit, too */
};

/* A payload that waits for the next commit. */
struct entry {
    struct slice payload;
    void (*fn)(bool kept, void *arg);
    void *arg;
    struct entry *next;
};

struct spool {
    struct spool_options options;
    int directory;
    struct spool_file *files;   /* oldest first */
    struct spool_file *writing; /* one of them, or NULL */
    struct spool_file *reading; /* the one that the last batch is of, or NULL */
    struct spool_file *stuck; /* done with, but cannot be removed: held, so that nobody adopts it */
    size_t batch_bytes;
    int batch_count;
    struct entry *waiting;
    struct entry **waiting_end;
    uint64_t waiting_count;
    size_t waiting_bytes;
    struct loop_timer commit, look;
    struct error failure; /* "" while the disk works */
    bool full; /* a payload did not fit, and no file has gone since; said so in the log */
};

/* --- state ------------------------------------------------------------------------------------ */

size_t spool_bytes(const struct spool *spool)
{
    size_t bytes = 0;

    for (const struct spool_file *file = spool->files; file != NULL; file = file->next)
        bytes += file->size;
    return bytes;
}

static uint64_t committed(const struct spool *spool)
{
    uint64_t records = 0;

    for (const struct spool_file *file = spool->files; file != NULL; file = file->next)
        records += file->records;
    return records;
}

uint64_t spool_records(const struct spool *spool)
{
    return committed(spool) + spool->waiting_count;
}

bool spool_takes(struct spool *spool, size_t length)
{
    size_t need = spool_bytes(spool) + spool->waiting_bytes + SPOOL_RECORD_HEAD + length;
    bool fits = length <= SPOOL_RECORD_MAX && need <= spool->options.max_bytes;

    if (!fits && !spool->full) {
        spool->full = true;
        log_error("spool-full", "directory=%s bytes=%zu", log_quote_text(spool->options.directory),
                  spool_bytes(spool));
    }
    return fits && spool->failure.text[0] == '\0';
}

const char *spool_trouble(const struct spool *spool)
{
    if (spool->failure.text[0] != '\0')
        return spool->failure.text;
    return spool->full ? "full" : NULL;
}

static void fail(struct spool *spool, const struct error *error)
{
    if (spool->failure.text[0] == '\0')
        log_error("spool-failed", "directory=%s reason=%s",
                  log_quote_text(spool->options.directory), log_quote_text(error->text));
    spool->failure = *error;
    loop_timer_start(&spool->look, FAILED_MS);
}

/* --- files ------------------------------------------------------------------------------------ */

static void add_file(struct spool *spool, struct spool_file *file)
{
    struct spool_file **link = &spool->files;

    while (*link != NULL && strcmp((*link)->name, file->name) < 0)
        link = &(*link)->next;
    file->next = *link;
    *link = file;
}

/* The file is done with. */
static void drop_file(struct spool *spool, struct spool_file *file)
{
    struct spool_file **link = &spool->files;
    struct error error;

    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    if (spool->writing == file)
        spool->writing = NULL;
    spool->full = false;
    if (spool_file_remove(file, &error))
        return;
    log_error("spool-stuck", "file=%s reason=%s", file->name, log_quote_text(error.text));
    file->next = spool->stuck;
    spool->stuck = file;
}

static void free_files(struct spool_file *file)
{
    while (file != NULL) {
        struct spool_file *next = file->next;
        spool_file_free(file);
        file = next;
    }
}

static bool holds(const struct spool_file *file, const char *name)
{
    while (file != NULL && strcmp(file->name, name) != 0)
        file = file->next;
    return file != NULL;
}

/* One file that was left behind, so that the loop turns between two. */
static bool adopt_one(struct spool *spool)
{
    char **names;
    size_t count = spool_dir_list(spool->directory, SPOOL_FILE_SUFFIX, &names);
    struct spool_file *file = NULL;

    for (size_t i = 0; i < count && file == NULL; i++)
        if (!holds(spool->files, names[i]) && !holds(spool->stuck, names[i]))
            file = spool_file_adopt(spool->directory, names[i]);
    spool_dir_free_names(names, count);
    if (file == NULL)
        return false;
    log_info("spool-adopted", "file=%s records=%llu", file->name,
             (unsigned long long)file->records);
    add_file(spool, file);
    return true;
}

static void tell_more(struct spool *spool)
{
    if (spool->options.on_more != NULL)
        spool->options.on_more(spool->options.arg);
}

static void on_look(void *arg)
{
    struct spool *spool = arg;
    struct error error;

    if (spool->failure.text[0] != '\0' && spool_dir_try(spool->directory, &error)) {
        log_info("spool-works", "directory=%s", log_quote_text(spool->options.directory));
        spool->failure.text[0] = '\0';
    }
    bool adopted = adopt_one(spool);
    loop_timer_start(&spool->look, adopted ? 0 : LOOK_MS);
    if (adopted)
        tell_more(spool);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool write_records(struct spool *spool, struct slice records, struct error *error)
{
    struct spool_file *file = spool->writing;

    if (file == NULL || file->sealed || file->size + records.length > FILE_BYTES) {
        file = spool_file_create(spool->directory, error);
        if (file == NULL)
            return false;
        add_file(spool, file);
        spool->writing = file;
    }
    bool good = spool_file_write(file, records, error);
    if (file->size == 0)
        drop_file(spool, file);
    return good;
}

/* Takes what one sync is to cover from the waiting ones. */
static struct entry *take_entries(struct spool *spool, struct buffer *records)
{
    struct entry *first = spool->waiting, *last = NULL;

    while (spool->waiting != NULL && records->length < COMMIT_BYTES) {
        last = spool->waiting;
        spool_record_add(records, last->payload);
        spool->waiting_count--;
        spool->waiting_bytes -= SPOOL_RECORD_HEAD + last->payload.length;
        spool->waiting = last->next;
    }
    if (spool->waiting == NULL)
        spool->waiting_end = &spool->waiting;
    if (last != NULL)
        last->next = NULL;
    return first;
}

static void answer(struct entry *entry, bool kept)
{
    while (entry != NULL) {
        struct entry *next = entry->next;
        entry->fn(kept, entry->arg);
        free(entry);
        entry = next;
    }
}

static void commit(struct spool *spool)
{
    struct buffer records = BUFFER(COMMIT_BYTES + SPOOL_RECORD_HEAD + SPOOL_RECORD_MAX);
    struct error error;

    struct entry *entries = take_entries(spool, &records);
    assert(!records.failed);
    uint64_t count = 0;
    for (const struct entry *entry = entries; entry != NULL; entry = entry->next)
        count++;
    bool good = write_records(spool, buffer_slice(&records), &error);
    if (good) {
        if (committed(spool) == 0)
            log_warn("spooling", "directory=%s", log_quote_text(spool->options.directory));
        spool->writing->records += count;
    } else {
        fail(spool, &error);
    }
    buffer_clear(&records);
    answer(entries, good);
}

static void on_commit(void *arg)
{
    struct spool *spool = arg;

    if (spool->waiting != NULL)
        commit(spool);
    if (spool->waiting != NULL)
        loop_timer_start(&spool->commit, 0);
    tell_more(spool);
}

void spool_append(struct spool *spool, struct slice payload, void (*fn)(bool kept, void *arg),
                  void *arg)
{
    struct entry *entry = xcalloc(1, sizeof(*entry));

    *entry = (struct entry){.payload = payload, .fn = fn, .arg = arg};
    *spool->waiting_end = entry;
    spool->waiting_end = &entry->next;
    spool->waiting_count++;
    spool->waiting_bytes += SPOOL_RECORD_HEAD + payload.length;
    if (!loop_timer_pending(&spool->commit))
        loop_timer_start(&spool->commit, 0);
}

void spool_flush(struct spool *spool)
{
    while (spool->waiting != NULL)
        commit(spool);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void collect(struct spool *spool, struct spool_file *file, struct spool_batch *batch)
{
    struct slice rest = spool_file_read(file);

    spool->batch_bytes = 0;
    batch->count = 0;
    while (batch->count < SPOOL_BATCH && spool->batch_bytes < BATCH_BYTES) {
        struct spool_piece piece = spool_record_next(rest);
        if (piece.found == SPOOL_FOUND_END)
            break;
        if (piece.found == SPOOL_FOUND_RECORD)
            batch->payloads[batch->count++] = piece.payload;
        else
            spool_file_report(file, file->taken + spool->batch_bytes, piece.length);
        spool->batch_bytes += piece.length;
        rest = slice_skip(rest, piece.length);
    }
}

void spool_done(struct spool *spool)
{
    struct spool_file *file = spool->reading;
    uint64_t count = (uint64_t)spool->batch_count;

    assert(file != NULL);
    spool->reading = NULL;
    file->taken += spool->batch_bytes;
    file->records -= count < file->records ? count : file->records;
    if (file->taken >= file->size)
        drop_file(spool, file);
}

/* A batch without records, of a file with nothing but damage left, is done with at once. */
bool spool_read(struct spool *spool, struct spool_batch *batch)
{
    while (spool->files != NULL) {
        spool->reading = spool->files;
        collect(spool, spool->reading, batch);
        spool->batch_count = batch->count;
        if (batch->count > 0)
            return true;
        spool_done(spool);
    }
    return false;
}

/* --- life ------------------------------------------------------------------------------------- */

/* A limit of the size of files is to be one more error of write(), not the end of the process. */
struct spool *spool_new(const struct spool_options *options, struct error *error)
{
    int directory = spool_dir_open(options->directory, error);

    if (directory == -1)
        return NULL;
    struct spool *spool = xcalloc(1, sizeof(*spool));
    spool->options = *options;
    spool->directory = directory;
    spool->waiting_end = &spool->waiting;
    (void)signal(SIGXFSZ, SIG_IGN);
    loop_timer_init(&spool->commit, options->loop, on_commit, spool);
    loop_timer_init(&spool->look, options->loop, on_look, spool);
    loop_timer_start(&spool->look, 0);
    return spool;
}

void spool_free(struct spool *spool)
{
    if (spool == NULL)
        return;
    assert(spool->waiting == NULL);
    loop_timer_clear(&spool->commit);
    loop_timer_clear(&spool->look);
    free_files(spool->files);
    free_files(spool->stuck);
    (void)close(spool->directory);
    free(spool);
}
