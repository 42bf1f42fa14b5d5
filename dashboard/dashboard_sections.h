/* dashboard_sections - what was seen in Redis as events for the page (server-sent events, each with
 * one line of JSON). Ids, URLs and errors come from strangers: texts are cut, and a section takes
 * no row more when it is long. */
#ifndef REELQ_DASHBOARD_SECTIONS_H
#define REELQ_DASHBOARD_SECTIONS_H

#include "base/buffer.h"
#include "dashboard/dashboard_survey.h"

enum dashboard_section {
    SECTION_WORKERS,
    SECTION_BATCHES,
    SECTION_IN_FLIGHT,
    SECTION_FAILED,
    SECTION_COUNT
};

/* Bytes of one text, and about those of one section. */
enum { DASHBOARD_TEXT_MAX = 300, DASHBOARD_SECTION_MAX = 256 * 1024 };

/* What the summary says that does not stand in Redis. */
struct dashboard_summary {
    const struct dashboard_survey *survey; /* NULL: Redis is away */
    const char *trouble;                   /* why */
    bool writable;
    int64_t next_task_age_ms;
};

void dashboard_sections_add_summary(struct buffer *out, const struct dashboard_summary *summary);
void dashboard_sections_add(struct buffer *out, enum dashboard_section section,
                            const struct dashboard_survey *survey);

#endif
