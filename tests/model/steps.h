/* steps - how the steps of a world are made. Each part gives the steps of one that acts; the order
 * in which they are given is that of urgency. */
#ifndef REELQ_TESTS_STEPS_OF_WORLD_H
#define REELQ_TESTS_STEPS_OF_WORLD_H

#include "model/world.h"

/* Who is being asked for its steps. */
struct steps {
    const struct world *from;
    const struct rules *rules;
    step_fn fn;
    void *arg;
};

/* A step in the making: `world` is what `from` becomes. */
struct next {
    struct world world;
    struct step step;
};
struct next steps_begin(const struct steps *steps, const char *who, const char *what, uint8_t task);
void steps_give(const struct steps *steps, struct next *next);

/* Makes the step one of a fault; false when that may not happen (any more). */
bool steps_fault(const struct steps *steps, struct next *next, uint8_t kind);

/* The worker of a task has learned that. */
struct learned steps_learned(const struct steps *steps, uint8_t fact, uint8_t task);

/* Runs the op in the world that is being made. */
struct reply steps_run(const struct steps *steps, struct next *next, const struct op *op);

/* Is it the chain that has started this run, and whose reply is not heard yet? */
bool steps_starts(const struct op *op, const struct task *record, uint8_t task);

/* The run that the script has made is in this worker's hands from now on. */
void steps_take_run(struct next *next, unsigned worker, uint8_t late);

/* The same script as `next` has run, whose reply got lost: who sent it will send it again. */
void steps_give_lost(const struct steps *steps, const struct next *next);

void steps_of_handler(const struct steps *steps); /* deals with the callback in its hands */
void steps_of_sweeper(const struct steps *steps); /* applies what it has decided on */
void steps_of_workers(const struct steps *steps); /* go on with what is in their hands */
void steps_of_callbacks(const struct steps *steps);
void steps_of_api(const struct steps *steps);
void steps_of_recovery(const struct steps *steps); /* what is due is found */
void steps_of_claims(const struct steps *steps);
void steps_of_time(const struct steps *steps);
void steps_of_user(const struct steps *steps);

#endif
