/* audit - compares what was submitted with what came of it, and explains each deviation from the
 * evidence in the ledger, or reports it. Pure.
 *
 * Explained are, and nothing else:
 *   a failed task     VideoDB's words for its URL; all attempts seen in the stream; a crash loop
 * with three lost runs in the logs; REELQ_JOB_TIMEOUT of an operation that cannot be asked about,
 * since the user named it, when no callback of it was understood a second operation         the
 * user ran the task again in between; or the operation has a name of the user's own, the first
 * call's outcome was unknown, and no callback of it that could be understood was delivered in time
 *   an unheard
 *   message           nobody was subscribed when it was published */
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
