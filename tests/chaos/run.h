/* run - one run of the chaos: start, faults, drain, audit, table. */
#ifndef REELQ_CHAOS_RUN_H
#define REELQ_CHAOS_RUN_H

#include "support/guard.h"
#include "chaos/options.h"

/* `arg`: struct options. Status 0: all is explained; 1: something is not; 130: interrupted. */
struct guard_result run_all(const char *folder, void *arg);

#endif
