/* options - the command line of reelq-chaos. */
#ifndef REELQ_CHAOS_OPTIONS_H
#define REELQ_CHAOS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct options {
    unsigned tasks, workers, webhooks;
    int64_t length_ms; /* of the chaos; what is open then is given time afterwards */
    uint64_t seed;
    bool keep;     /* the folder with logs and evidence stays, also when all is explained */
    bool schedule; /* only print the schedule */
    bool spool;    /* each webhook has a REELQ_SPOOL_DIR */
};

enum options_result { OPTIONS_RUN, OPTIONS_EXIT, OPTIONS_BAD };

/* Reads the arguments after the program's name, ended by NULL. OPTIONS_EXIT: --help was printed;
 * OPTIONS_BAD: `error` says what is wrong. */
enum options_result options_parse(struct options *options, char **arguments, struct error *error);

#endif
