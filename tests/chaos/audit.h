/* audit - compares what was submitted with what came of it, and explains each deviation from the
 * evidence in the ledger, or reports it. Pure. These are explained, and nothing else:
 *
 * - a failed task: by VideoDB's words for its URL; by all attempts, seen in the stream; as a crash
 *   loop, by three lost runs in the logs; by REELQ_JOB_TIMEOUT of an operation that cannot be asked
 *   about, since the user named it, when no callback of it was understood;
 * - a second operation: by a user who ran the task again in between; by silence, when the operation
 *   has a name of the user's own, the outcome of the first call was unknown, and no callback of it
 *   that could be understood was delivered in time;
 * - a message that was not heard: by nobody being subscribed when it was published. */
#ifndef REELQ_CHAOS_AUDIT_H
#define REELQ_CHAOS_AUDIT_H

#include "chaos/ledger.h"
#include "chaos/plan.h"
#include "chaos/verdict.h"

struct audit_options {
    int64_t lease_ms;      /* lapses of one run that are closer than this are one */
    int64_t under_way_ms;  /* a delivered callback may be applied so much later */
    unsigned max_attempts; /* of each operation */
};

/* Adds to `verdict`; the ledger is sealed. */
void audit(struct verdict *verdict, const struct plan *plan, const struct ledger *ledger,
           const struct audit_options *options);

#endif
