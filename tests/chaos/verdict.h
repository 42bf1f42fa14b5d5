/* verdict - what an audit has found: counts for the table, and everything that is not explained. */
#ifndef REELQ_CHAOS_VERDICT_H
#define REELQ_CHAOS_VERDICT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "chaos/verdict_list.h"

enum verdict_finding {
#define X(name, text) VERDICT_##name,
    VERDICT_FINDINGS(X)
#undef X
        VERDICT_FINDING_COUNT
};

struct verdict {
#define X(name, text) unsigned name;
    VERDICT_COUNTS(X)
#undef X
    unsigned findings[VERDICT_FINDING_COUNT];
    struct buffer details; /* the first findings with all that is known of them */
};

void verdict_init(struct verdict *verdict);
void verdict_clear(struct verdict *verdict);

/* Counts one finding; its line is kept while there is room. */
void verdict_note(struct verdict *verdict, enum verdict_finding finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True when nothing was found. */
bool verdict_is_clean(const struct verdict *verdict);

/* Counts that are not zero, one a line. */
void verdict_add_counts(struct buffer *out, const struct verdict *verdict);

/* The findings by kind, then the first of each kind with all that is known of it. */
void verdict_add_findings(struct buffer *out, const struct verdict *verdict);

#endif
