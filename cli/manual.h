/* manual - the man pages, made from what --help is made from. */
#ifndef REELQ_CLI_MANUAL_H
#define REELQ_CLI_MANUAL_H

#include "base/config.h"

/* reelq(1). */
void manual_add_reelq(struct buffer *out);

/* The page of section 8 of another program; `help` is what its --help prints. */
void manual_add_program(struct buffer *out, const char *name, enum config_program program,
                        struct slice help);

#endif
