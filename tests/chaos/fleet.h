/* fleet - Redis, the sandbox, the webhooks and the workers of one run, and the blows that they
 * take. A process that ends without having been told to, or not as it should, is noted as a
 * finding. */
#ifndef REELQ_CHAOS_FLEET_H
#define REELQ_CHAOS_FLEET_H

#include <stdbool.h>

#include "chaos/collect.h"
#include "chaos/schedule.h"
#include "chaos/verdict.h"

struct fleet;

struct fleet_options {
    unsigned workers, webhooks;
    uint64_t seed;      /* of the sandbox */
    bool spool;         /* each webhook has a REELQ_SPOOL_DIR */
    const char *folder; /* for logs and spools */
    struct ledger *ledger;
    struct census *census;
    struct verdict *verdict;
};

/* What the workers are told, for the audit. */
enum { FLEET_LEASE_MS = 2000, FLEET_MAX_ATTEMPTS = 6 };

/* Starts everything. Options are copied, what they point to is borrowed. */
struct fleet *fleet_new(const struct fleet_options *options);

/* Kills what still runs, and removes Redis with its folder. NULL is allowed. */
void fleet_free(struct fleet *fleet);

/* Carries out one step of the schedule. */
void fleet_apply(struct fleet *fleet, const struct schedule_step *step);

/* Notices ends, starts the successors of those that were told to end. */
void fleet_tick(struct fleet *fleet);

/* Tells them to end, waits for it and reads their logs. */
void fleet_end_webhooks(struct fleet *fleet);
void fleet_end_workers(struct fleet *fleet);
void fleet_end_sandbox(struct fleet *fleet);

/* Redis runs, and answers at once. */
bool fleet_redis_answers(const struct fleet *fleet);
const char *fleet_redis_path(const struct fleet *fleet);

/* Entries of unfinished work, see homes_left(), and files in spools; only while Redis answers. */
long long fleet_left(struct fleet *fleet, struct buffer *out);

/* Records that are not at their end, see homes_open_records(). */
long long fleet_open_records(struct fleet *fleet, struct buffer *out);

/* Body of GET `path` of the sandbox; the caller clears `answer`. */
const char *fleet_get(struct fleet *fleet, const char *path, struct buffer *answer);

#endif
