/* program - what every program does before it begins: --help, --version, --check-config,
 * --healthcheck, reading its configuration, and failing with one line. */
#ifndef REELQ_PROGRAM_H
#define REELQ_PROGRAM_H

#include "base/config.h"

struct program_spec {
    const char *name;    /* "reelq-webhook" */
    const char *purpose; /* a paragraph for --help, with line ends in it */
    enum config_program program;
    struct config *config; /* filled from the environment */
    /* What the table of the configuration cannot check, reading at most local files; the
     * error begins with the name of the variable. May be NULL. */
    bool (*check)(const struct config *config, struct error *error);
    /* --healthcheck: does the process that runs with this configuration still work? */
    bool (*healthcheck)(const struct config *config, struct error *error);
};

/* The whole of main(): forbids core dumps; takes the secrets out of the environment once they are
 * read; answers --help, --version, --check-config and --healthcheck; else loads and checks the
 * configuration, sets the log level, logs "starting" with the version and every setting that
 * differs from its default (secrets only by name), and calls run(spec). Returns the status to exit
 * with. */
int program_main(int argc, char *const argv[], const struct program_spec *spec,
                 int (*run)(const struct program_spec *spec));

/* "NAME: TEXT" on standard error. Returns the status to exit with: 1. */
int program_fail(const struct program_spec *spec, const char *text);

#endif
