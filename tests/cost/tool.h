/* tool - has the programs watched while they run, and reads what was counted. What cannot be done
 * ends the run with a line that says why. */
#ifndef REELQ_COST_TOOL_H
#define REELQ_COST_TOOL_H

#include "cost/figures.h"

enum tool {
    TOOL_STRACE,    /* system calls by name; can be looked at while the program is at rest */
    TOOL_CALLGRIND, /* instructions outside of the kernel, and allocations; after its end */
};

enum { TOOL_MAX_WORDS = 16 };

struct tool_run {
    enum tool tool;
    char *file, *output, *preload;
    const char *words[TOOL_MAX_WORDS]; /* before the program's, ended by NULL */
};

/* Writes to `file`; `plant` is NULL, or a library that is loaded into the program. Clear it. */
void tool_init(struct tool_run *run, enum tool tool, const char *file, const char *plant);
void tool_clear(struct tool_run *run);

/* Adds what the tool has counted since the program's start; the figures' names begin with `name`.
 */
void tool_count(struct figures *figures, const struct tool_run *run, const char *name);

/* The readers of what they write: strace's list of calls, callgrind's profile. */
void tool_read_strace(struct figures *figures, struct slice text, const char *name);
void tool_read_callgrind(struct figures *figures, struct slice text, const char *name);

#endif
