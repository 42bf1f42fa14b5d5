/* snapshot - the numbers of the whole pipeline at one moment, in two round trips. */
#ifndef REELQ_CLI_SNAPSHOT_H
#define REELQ_CLI_SNAPSHOT_H

#include "cli/session.h"
#include "queue/overview.h"

enum { SNAPSHOT_MAX_WORKERS = 100, SNAPSHOT_NAME = 128 };

struct snapshot_worker {
    char name[SNAPSHOT_NAME];
    char version[32];
    char trouble[256]; /* why it does not call VideoDB, as it says; "": it does */
    int64_t runs, started_at_ms, seen_at_ms;
    /* Of older workers -1: calls at once at most, tasks ended since its start, bytes it occupies.
     */
    int64_t concurrency, ready, failed, memory;
    bool gone; /* not seen for SNAPSHOT_GONE_MS */
};

enum { SNAPSHOT_GONE_MS = 60000 };

struct snapshot {
    int64_t now_ms; /* the time of Redis */
    int64_t counts[OVERVIEW_PLACES];
    int64_t paused_until_ms;           /* 0: not paused */
    double pace_ms;                    /* between two items after a 429; 0: no limit */
    char oldest[KEYS_MAX_TASK_ID + 1]; /* the oldest task under way; "": none */
    int64_t oldest_at_ms;              /* when it was taken first */
    size_t worker_count;               /* those seen within the hour, the last one first */
    struct snapshot_worker workers[SNAPSHOT_MAX_WORKERS];
};

/* False when Redis does not answer or refuses: client_error(). */
MUST_USE bool snapshot_take(struct session *session, struct snapshot *snapshot);

/* The first worker that is up and has trouble with VideoDB, and how many have; NULL: none. */
const struct snapshot_worker *snapshot_trouble(const struct snapshot *snapshot, size_t *count);

#endif
