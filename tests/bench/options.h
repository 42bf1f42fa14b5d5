/* options - the command line of reelq-bench. */
#ifndef REELQ_BENCH_OPTIONS_H
#define REELQ_BENCH_OPTIONS_H

#include <stdbool.h>

#include "base/error.h"

enum { OPTIONS_MAX_ONLY = 32 };

struct options {
    bool quick;
    unsigned repeats;
    const char *peers;                  /* folder; NULL: without peers */
    const char *json;                   /* file; NULL: none */
    const char *only[OPTIONS_MAX_ONLY]; /* names of measurements */
    unsigned only_count;                /* 0: all */
};

enum options_result { OPTIONS_RUN, OPTIONS_EXIT, OPTIONS_BAD };

/* Reads the arguments after the program's name, ended by NULL. OPTIONS_EXIT: --help was asked for;
 * OPTIONS_BAD: `error` says what is wrong. Names are not looked at. */
enum options_result options_parse(struct options *options, char **arguments, struct error *error);

#endif
