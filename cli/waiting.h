/* waiting - until each of these tasks is ready or failed. Listens to the channels, and looks into
 * the records for what was said before it listened, where it may. */
#ifndef REELQ_CLI_WAITING_H
#define REELQ_CLI_WAITING_H

#include "cli/ids.h"
#include "cli/session.h"

struct waiting;

struct waiting_options {
    struct ids *ids;     /* borrowed; their values are the waiting's */
    bool old_failures;   /* a failure from before counts too */
    int64_t timeout_ms;  /* 0: none */
    int64_t interval_ms; /* between two lines where there is no terminal */
};

/* From now on everything that is said is heard. NULL after it has said why not. */
struct waiting *waiting_new(struct session *session);
void waiting_free(struct waiting *waiting); /* NULL is allowed */

/* Waits, shows how far it is, then what has failed: EXIT_DONE, _TASKS, _TIMEOUT, _STOPPED. With
 * --json one line per message, and one of counts at the end. */
int waiting_run(struct waiting *waiting, const struct waiting_options *options);

#endif
