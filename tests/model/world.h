/* world - the store, and all that acts on it: two workers, a sweeper, a callback's worker, VideoDB
 * and a user. world_steps() gives every step that can come next; each is either one script, with or
 * without its reply getting lost, or something that happens outside of Redis.
 *
 * What is taken for granted (docs/architecture.md): within the grace a call that was sent is either
 * accepted or never will be, and a question at its end finds what was accepted (both but for
 * `silent`); a reply with an error means that nothing was accepted. */
#ifndef REELQ_TESTS_WORLD_H
#define REELQ_TESTS_WORLD_H

#include "model/decide.h"
#include "model/rules.h"

enum { WORKERS = 2, MAX_JOBS = 5 };

/* What VideoDB makes of one call. */
enum job_state { NO_JOB, JOB_SENT, JOB_PROCESSING, JOB_DONE, JOB_FAILED };
struct job {
    uint8_t state;
    uint8_t number;    /* in its callback URL: which of its task's calls it is */
    uint8_t earlier;   /* of a run before the task was run again */
    uint8_t callbacks; /* under way */
    uint8_t heard;     /* a callback of its success was dealt with */
    uint8_t duplicate; /* reported as a second video */
};

/* One run in a worker's hands, from the claim on. */
enum hand_phase { HAND_EMPTY, HAND_OP, HAND_RUN, HAND_SENT };
struct hand {
    uint8_t phase;
    uint8_t late; /* its lease has ended by its own clock: no call may be sent */
    uint8_t task, job;
    struct task seen; /* RUN, SENT: as admission gave it */
    struct op op;     /* OP: what it sends to Redis next */
};

/* A callback in a worker's hands. */
struct handler {
    uint8_t task, job; /* job from 1; 0: none */
    uint8_t garbled;
    uint8_t late, seq; /* as of a hand: of the first index's run; of its claim */
    struct op op;
};

struct world {
    struct store store;
    struct hand hand[WORKERS];
    struct handler handler;
    struct op sweeper; /* a recovery that it has decided on */
    struct job job[TASKS][MAX_JOBS];
    uint8_t faults, uploads, ids; /* that may still come */
    uint8_t pushed, reruns;       /* the same id again, and what came of it */
    uint8_t owed;                 /* pushed while the task had failed, and not run yet */
};

struct step {
    const char *who, *what, *fact; /* fact may be NULL */
    uint8_t task;
    bool progress; /* part of what goes on while nothing goes wrong */
    struct op op;  /* NO_OP: Redis is not part of it */
    struct reply reply;
};

/* `after` is valid during the call. */
typedef void (*step_fn)(const struct world *after, const struct step *step, void *arg);

struct world world_first(const struct rules *rules);
void world_steps(const struct world *world, const struct rules *rules, step_fn fn, void *arg);

/* Two worlds that nothing can tell apart become the same bytes. */
void world_fold(struct world *world);

/* Is it at VideoDB, for a question to find; is one of this task? */
bool world_job_lives(const struct job *job);
bool world_job_exists(const struct world *world, uint8_t task);

/* All is done: nothing waits, nothing is under way. */
bool world_settled(const struct world *world);

#endif
