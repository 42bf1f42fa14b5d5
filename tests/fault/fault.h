/* fault - what is done to whom at which command: "worker:kill-after:41",
 * "worker:cut-before:finish:3".
 */
#ifndef REELQ_FAULT_H
#define REELQ_FAULT_H

#include <stdbool.h>

enum fault_victim { FAULT_WORKER, FAULT_WEBHOOK, FAULT_VICTIMS };

/* Before the command is applied, or after it and before the victim hears of it, its connection is
 * cut; its process is killed, and another one follows; or it is shut out from Redis, another one
 * does all the work, and then the first comes back with what it still has to say. */
enum fault_mode {
    FAULT_CUT_BEFORE,
    FAULT_CUT_AFTER,
    FAULT_KILL_BEFORE,
    FAULT_KILL_AFTER,
    FAULT_AWAY_BEFORE,
    FAULT_AWAY_AFTER,
    FAULT_MODES
};

/* Which commands are counted: 0: all of them, else those of one name. The order of commands differs
 * from run to run, so that counting all of them may miss the third `finish`, and this does not. */
enum { FAULT_KINDS = 14 };

struct fault {
    enum fault_victim victim;
    enum fault_mode mode;
    unsigned kind;
    unsigned at; /* number of the victim's command among those that are counted, from 1 */
};

enum { FAULT_NAME_SIZE = 64 };

bool fault_is_kill(const struct fault *fault);
bool fault_is_away(const struct fault *fault);
bool fault_is_after(const struct fault *fault);

/* Of the command, as command_name() gives it; NULL for kind 0. */
const char *fault_kind_name(unsigned kind);

/* The whole name; without the number when it is 0. */
void fault_name(const struct fault *fault, char name[FAULT_NAME_SIZE]);

/* Which faults are wanted: a name, or a name that ends early ("worker", "worker:kill-after"). */
struct fault_filter {
    bool victims[FAULT_VICTIMS];
    bool modes[FAULT_MODES];
    bool kinds[FAULT_KINDS];
    unsigned at; /* 0: all */
};

/* NULL: all of them. False for a text that names none. */
bool fault_filter_parse(struct fault_filter *filter, const char *text);

#endif
