/* fault - what is done to whom at which command: "worker:kill-after:41". */
#ifndef REELQ_FAULT_H
#define REELQ_FAULT_H

#include <stdbool.h>

enum fault_victim { FAULT_WORKER, FAULT_WEBHOOK, FAULT_VICTIMS };

/* Before or after the command is applied its connection is cut, or its process is killed. */
enum fault_mode {
    FAULT_CUT_BEFORE,
    FAULT_CUT_AFTER,
    FAULT_KILL_BEFORE,
    FAULT_KILL_AFTER,
    FAULT_MODES
};

struct fault {
    enum fault_victim victim;
    enum fault_mode mode;
    unsigned at; /* number of the victim's command, from 1 */
};

enum { FAULT_NAME_SIZE = 48 };

bool fault_is_kill(const struct fault *fault);
bool fault_is_after(const struct fault *fault);

const char *fault_victim_name(enum fault_victim victim);
const char *fault_mode_name(enum fault_mode mode);

/* The whole name. */
void fault_name(const struct fault *fault, char name[FAULT_NAME_SIZE]);

/* Which faults are wanted: a name, or the start of one ("worker", "worker:kill-after"). */
struct fault_filter {
    bool victims[FAULT_VICTIMS];
    bool modes[FAULT_MODES];
    unsigned at; /* 0: all */
};

/* NULL: all of them. False for a text that names none. */
bool fault_filter_parse(struct fault_filter *filter, const char *text);

#endif
