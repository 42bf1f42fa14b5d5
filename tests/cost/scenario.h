/* scenario - videos through the pipeline, one after the other or some together, each step only when
 * all is at rest after the one before: upload, callback, spoken index, callback, ready. Nothing
 * that is counted then depends on what overtakes what. What cannot be done ends the run with a line
 * that says why. */
#ifndef REELQ_COST_SCENARIO_H
#define REELQ_COST_SCENARIO_H

#include "cost/tool.h"

struct scenario;

struct scenario_options {
    enum tool tool;
    unsigned together;  /* videos of a round, at most API_MAX_CALLS */
    const char *folder; /* for what the tool writes */
    const char *plant;  /* NULL, or a library that wastes something in worker and webhook; then each
                           video has one Redis command more, too */
};

/* Starts all. What the options point to is borrowed. */
struct scenario *scenario_new(const struct scenario_options *options);

/* The next rounds. All is at rest after it. */
void scenario_play(struct scenario *scenario, unsigned rounds);

/* Adds what the programs and Redis have done since their start, by strace and by Redis. */
void scenario_so_far(struct scenario *scenario, struct figures *figures);

/* Ends the programs, and all else; adds what callgrind has counted, if it was there. */
void scenario_end(struct scenario *scenario, struct figures *figures);

#endif
