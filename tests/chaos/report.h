/* report - what is printed before and after a run. Pure. */
#ifndef REELQ_CHAOS_REPORT_H
#define REELQ_CHAOS_REPORT_H

#include "chaos/collect.h"
#include "chaos/options.h"
#include "chaos/schedule.h"
#include "chaos/verdict.h"

struct report {
    const struct options *options;
    const struct verdict *verdict;
    const struct census *census;
    unsigned done[SCHEDULE_ACTION_COUNT]; /* steps carried out */
    unsigned losses;                      /* of the listener's connection */
    int64_t took_ms;
};

/* The schedule of a run with these options. */
struct schedule report_schedule(const struct options *options);

/* Appends the line that names the run, and how to have it again. */
void report_add_head(struct buffer *out, const struct options *options);

/* Appends the table: faults, tasks, recoveries, what is unexplained. */
void report_add_text(struct buffer *out, const struct report *report);

#endif
