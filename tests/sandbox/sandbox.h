/* sandbox - the whole state of one running sandbox, handed to every handler. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "collections.h"
#include "faults.h"
#include "jobs.h"
#include "journal.h"
#include "media.h"
#include "options.h"
#include "storage.h"

struct event_base;

/* Room for the longest made id, with its NUL. */
#define SANDBOX_ID_SIZE 32

struct flaky {
    char *url;
    uint64_t failures;
};

struct sandbox {
    struct event_base *base;
    const struct options *options;
    struct faults faults;
    struct rng jitter;
    struct collections collections;
    struct media media;
    struct storage storage;
    struct table flaky; /* struct flaky by URL */
    struct callbacks *callbacks;
    struct jobs jobs;
    struct journal journal;
    struct journal requests;
    struct journal fates; /* of callbacks */
    char address[128];    /* HOST:PORT that is listened on */
    uint64_t serial;      /* of the last made id */
};

/* Takes over the faults of `options`; the rest is borrowed and must live as long. */
void sandbox_init(struct sandbox *sandbox, struct event_base *base, struct options *options);
void sandbox_clear(struct sandbox *sandbox);

/* Writes `prefix` and 16 hex digits: unlike any before, and the same for the same seed. */
void sandbox_make_id(struct sandbox *sandbox, const char *prefix, char id[SANDBOX_ID_SIZE]);

/* `ms` give or take up to a half. */
int64_t sandbox_jitter(struct sandbox *sandbox, int64_t ms);

/* Counts a download of `url`; true while it is one of the first `limit`, which fail. */
bool sandbox_download_fails(struct sandbox *sandbox, const char *url, uint64_t limit);

#endif
