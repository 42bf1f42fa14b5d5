/* spool_site - a webhook_site whose webhook has a spool. Callbacks are numbered; what is in Redis
 * is compared byte by byte. */
#ifndef REELQ_TESTS_SPOOL_SITE_H
#define REELQ_TESTS_SPOOL_SITE_H

#include "integration/webhook_site.h"

enum { SPOOL_SITE_PATIENCE_MS = 20000 };

struct spool_site {
    struct webhook_site web;
    char *directory; /* NULL: not the site's own */
    char *variable;  /* that names it */
    const char *extra;
};

/* Redis, and a webhook with a spool in a new directory; `extra` is one more variable, or NULL. */
void spool_site_open(struct spool_site *site, const char *extra);
void spool_site_close(struct spool_site *site);

/* The same with another directory, of the test's own: "REELQ_SPOOL_DIR=...". */
void spool_site_open_at(struct spool_site *site, const char *variable);

/* One more webhook on the same directory; and one in the place of the present one, which must have
 * ended, or is killed. */
struct process *spool_site_start(const struct spool_site *site);
void spool_site_replace(struct spool_site *site);

/* Posts callback number `n`: the status. Those from `first` to before `end` must be answered 200.
 */
int spool_site_post(struct spool_site *site, unsigned n);
void spool_site_post_all(struct spool_site *site, unsigned first, unsigned end);

/* The oldest callbacks in Redis are these, in their order; they are taken. */
void spool_site_expect(struct spool_site *site, unsigned first, unsigned end);
void spool_site_expect_no_more(struct spool_site *site);

/* Waits for a line of the webhook's log. */
void spool_site_await(struct spool_site *site, const char *line);

/* A series of /metrics, 0 when there is none; the answer of /readyz with its lines. */
double spool_site_metric(struct spool_site *site, const char *series);
void spool_site_expect_ready(struct spool_site *site, int status, const char *lines);

/* How often `text` stands in `log`. */
unsigned spool_site_occurrences(const char *log, const char *text);

#endif
