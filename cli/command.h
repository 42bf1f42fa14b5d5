/* command - one word behind `reelq`: its row makes the parsing, --help, the man page and what a
 * shell completes. Each has a file of its own. */
#ifndef REELQ_CLI_COMMAND_H
#define REELQ_CLI_COMMAND_H

#include "cli/session.h"

struct command {
    const char *name;
    const char *words;   /* what may stand behind it: "ID..."; "" for nothing */
    const char *summary; /* one line */
    const char *details; /* a paragraph with line ends in it, or "" */
    const struct option *options;
    size_t least_words, most_words;      /* most 0: any number, where `words` is not "" */
    bool examines;                       /* reads the settings of CONFIG_DOCTOR, not CONFIG_CLI */
    int (*run)(struct session *session); /* gives what to exit with */
};

/* In the order of --help; NULL at the end. */
extern const struct command *const command_table[];

/* What all of it is for, and what it exits with: in lines, without the last line end. */
extern const char command_purpose[], command_exits[];

/* The whole of main(). */
int command_main(int argc, char *const argv[]);

#endif
