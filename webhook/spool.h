/* spool - callbacks on the local disk while Redis does not take them.
 *   spool_append -> (end of the loop turn) commit -> fn
 *   spool_read -> (Redis has it) spool_done -> spool_read ...
 * A record is answered for when it was written and synced, and is gone from the disk only some time
 * after spool_done(). Records come out in the order in which they went in; those of files that were
 * left behind by an ended process, which every spool looks for at its start and again and again,
 * before those that are newer.
 *
 * Writing and syncing block the loop. That is meant: while Redis is away a webhook has nothing else
 * to do, everything that comes in meanwhile waits in the kernel and shares the next sync, and a
 * callback cannot be answered before its sync whoever calls it. A disk that hangs stops the
 * process, as it should: /livez then says so. A full or failing disk costs the callback of that
 * moment its place (fn gets false); what was there before stays. */
#ifndef REELQ_SPOOL_H
#define REELQ_SPOOL_H

#include "base/buffer.h"
#include "base/error.h"
#include "net/loop.h"

struct spool;

struct spool_options {
    struct loop *loop;
    const char *directory;
    size_t max_bytes; /* of all files that this process holds */
    loop_fn on_more;  /* there is something to read; not from within a call. May be NULL */
    void *arg;
};

/* Makes the directory where needed; NULL and an error when it cannot be used. Options are copied;
 * what they point to outlives the spool. */
struct spool *spool_new(const struct spool_options *options, struct error *error);

/* After spool_flush(). What is on the disk stays there for the next process. NULL is allowed. */
void spool_free(struct spool *spool);

/* Whether there is room for a payload of `length` bytes, and the disk works. */
bool spool_takes(struct spool *spool, size_t length);

/* Why the spool takes nothing, or not everything, for a person; NULL: it takes all. */
const char *spool_trouble(const struct spool *spool);

/* Keeps a payload, of the kind that spool_record.h asks for. It is borrowed until fn(kept, arg)
 * runs, once and later. All payloads of one loop turn share a sync. */
void spool_append(struct spool *spool, struct slice payload, void (*fn)(bool kept, void *arg),
                  void *arg);

/* Commits now what was appended, and all that is appended meanwhile; their fn run. */
void spool_flush(struct spool *spool);

/* The oldest records, of one file: at most SPOOL_BATCH, and few bytes. False when there are none.
 * Valid until spool_done(), which says that they are not needed any more, or the next call. */
enum { SPOOL_BATCH = 64 };
struct spool_batch {
    struct slice payloads[SPOOL_BATCH];
    int count;
};
bool spool_read(struct spool *spool, struct spool_batch *batch);
void spool_done(struct spool *spool);

/* Records that are not done, and those not yet committed; bytes on the disk. */
uint64_t spool_records(const struct spool *spool);
size_t spool_bytes(const struct spool *spool);

#endif
