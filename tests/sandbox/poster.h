/* poster - POSTs JSON to callback URLs: keep-alive connections per host, three retries.
 * Hosts are resolved by the system's resolver, which blocks; https is not spoken. */
#ifndef SANDBOX_POSTER_H
#define SANDBOX_POSTER_H

#include "base/slice.h"

struct event_base;
struct poster;

struct posting {
    const char *url;
    struct slice body;
    int64_t slow_ms;             /* spread the body over this time; 0: at once */
    void (*on_first)(void *arg); /* may be NULL */
    void *arg;
};

struct poster_counts {
    uint64_t attempts;
    uint64_t delivered; /* answered with 2xx */
    uint64_t retried;
    uint64_t given_up;
};

/* The end of one delivery, after its last attempt: what was sent, and the last status, 0 when no
 * answer came. Borrowed for the call. */
struct poster_end {
    const char *path; /* path and query, NULL when the URL was no good */
    struct slice body;
    int status;
};
typedef void (*poster_end_fn)(const struct poster_end *end, void *arg);

struct poster *poster_new(struct event_base *base, poster_end_fn on_end, void *arg);

/* Drops everything under way; no callback runs from here on. */
void poster_free(struct poster *poster);

/* Sends a copy of the body. `on_first` runs once, later, when the first attempt has ended, well or
 * not. An attempt that is not answered with 2xx within 10 s is repeated up to three times, after
 * 200, 400 and 800 ms. */
void poster_send(struct poster *poster, const struct posting *posting);

struct poster_counts poster_counts(const struct poster *poster);

#endif
