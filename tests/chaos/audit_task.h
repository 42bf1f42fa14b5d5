/* audit_task - the rules for one task. */
#ifndef REELQ_CHAOS_AUDIT_TASK_H
#define REELQ_CHAOS_AUDIT_TASK_H

#include "chaos/audit.h"

struct audit_look {
    struct verdict *verdict;
    const struct plan *plan;
    const struct ledger *ledger;
    const struct audit_options *options;
    unsigned number; /* of the task or batch in question */
    struct ledger_range range;
};

void audit_task_ends(const struct audit_look *look);
void audit_task_operations(const struct audit_look *look);

/* Notes a finding of the task or batch, with its history. */
void audit_finding(const struct audit_look *look, enum verdict_finding finding, const char *text);

/* The last line of the task's own that says ready or failed in the stream, or NULL. */
const struct ledger_line *audit_last_end(struct ledger_range range);

unsigned audit_count(struct ledger_range range, enum ledger_source source, const char *word);

#endif
