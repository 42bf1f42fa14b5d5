/* waiting_report - what is said while tasks are waited for, and at the end. */
#ifndef REELQ_CLI_WAITING_REPORT_H
#define REELQ_CLI_WAITING_REPORT_H

#include "cli/progress.h"
#include "cli/session.h"
#include "cli/table.h"

/* The value of an id in the set. */
enum waiting_value { WAITING_OPEN, WAITING_READY, WAITING_FAILED };

struct waiting_report {
    struct session *session;
    struct progress progress;
    struct progress_state state;
    struct table *failures; /* the first ones */
    bool lost;              /* it was said that Redis is away */
};

void waiting_report_init(struct waiting_report *report, struct session *session, size_t total,
                         int64_t interval_ms);
void waiting_report_clear(struct waiting_report *report);

/* What has ended by now had ended before: it does not count for the rate. */
void waiting_report_begin(struct waiting_report *report);

bool waiting_report_complete(const struct waiting_report *report);

/* One has ended; `message` is what reelq published of it. */
void waiting_report_end(struct waiting_report *report, const char *id, bool ready,
                        struct slice message);

/* Appends the message of a task whose own was not heard; `failure` is a fragment. */
void waiting_report_add_message(struct buffer *out, const char *id, bool ready,
                                struct slice failure);

/* When to call the second one, which shows how far it is. */
int64_t waiting_report_due_ms(const struct waiting_report *report);
void waiting_report_show(struct waiting_report *report, int64_t waiting);

/* The connection is lost; it is back. */
void waiting_report_lost(struct waiting_report *report);
void waiting_report_back(struct waiting_report *report);

/* Says how it ended, and gives what to exit with: for EXIT_DONE, EXIT_TASKS where tasks failed. */
int waiting_report_finish(struct waiting_report *report, int status);

#endif
