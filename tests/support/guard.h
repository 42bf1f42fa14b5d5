/* guard - runs a long job in a session of its own and cleans up after it, whatever becomes of it:
 * Ctrl-C reaches only the guard, which tells the run; no process and no folder is left. */
#ifndef REELQ_TESTS_GUARD_H
#define REELQ_TESTS_GUARD_H

#include <stdbool.h>

/* What the run says about its folder, with its exit status. */
struct guard_result {
    int status;
    bool keep; /* the folder stays */
};

typedef struct guard_result (*guard_fn)(const char *folder, void *arg);

/* Calls fn(folder, arg) in a process of its own, whose temporary files are all in the folder. Its
 * processes end with it. Returns the exit status; 2 when it was ended by a signal, which is said
 * under `name`. */
int guard_run(const char *name, guard_fn fn, void *arg);

/* True in that process once the guard was told to end (SIGINT, SIGTERM, SIGHUP). */
bool guard_interrupted(void);

#endif
