/* process - run one of the programs and watch it. What cannot be done ends the test process with a
 * line that says why; a program ends with the thread that started it, whatever happens. */
#ifndef REELQ_TESTS_PROCESS_H
#define REELQ_TESTS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/slice.h"

struct process;

enum { PROCESS_MAX_WORDS = 32 };

struct process_options {
    const char *program;          /* path */
    const char *const *arguments; /* ended by NULL; NULL: none */
    const char *const
        *environment; /* "NAME=value", ended by NULL. Of the test's own environment only
                         PATH, TMPDIR and the options of sanitizers are handed on. */
};

/* Both streams are captured. At most PROCESS_MAX_WORDS arguments, and as many variables. */
struct process *process_start(const struct process_options *options);

/* Kills it where needed. NULL is allowed. */
void process_free(struct process *process);

pid_t process_pid(const struct process *process);
void process_signal(const struct process *process, int number);

/* Has it ended? Does not wait. */
bool process_ended(struct process *process);

/* Waits for its end: its exit status, or minus the signal that ended it. After 20 s the test ends.
 */
int process_wait(struct process *process);

/* Everything written so far, NUL-terminated; valid until the next call for the same stream. */
const char *process_output(struct process *process);
const char *process_log(struct process *process);

/* Waits until the log holds `text`, `count` times; false when it does not within `ms`, or when the
 * process has ended without it. */
bool process_wait_log(struct process *process, const char *text, unsigned count, int64_t ms);

/* The address of the log line "listening listener=NAME address=ADDRESS", for which it waits. Valid
 * until process_free(). */
const char *process_address(struct process *process, const char *listener);

/* Starts it and waits for its end: its exit status. `*process` is for its streams, then to be
 * freed. */
int process_run(const struct process_options *options, struct process **process);

#endif
