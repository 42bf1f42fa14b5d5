/* arguments - what stands behind the name of a command, by the command's own table of options. */
#ifndef REELQ_CLI_ARGUMENTS_H
#define REELQ_CLI_ARGUMENTS_H

#include "base/buffer.h"
#include "base/error.h"

enum { ARGUMENTS_MAX_OPTIONS = 16 };

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_ID, OPTION_NUMBER, OPTION_DURATION };

/* One row of a command's table, which ends with a NULL name. */
struct option {
    const char *name;  /* "--batch" */
    const char *value; /* what its value is called: "ID"; NULL for a flag */
    const char *help;
    enum option_type type;
    int64_t least; /* of OPTION_NUMBER */
};

/* Those that every command has, after its own. */
extern const struct option arguments_common[];

struct arguments {
    bool help, json;
    /* In the order of the table: NULL where an option was not given, "" for a flag that was. */
    const char *text[ARGUMENTS_MAX_OPTIONS];
    int64_t number[ARGUMENTS_MAX_OPTIONS]; /* of OPTION_NUMBER, and ms of OPTION_DURATION */
    const char **words;                    /* what is no option, in its order; NULL at the end */
    size_t word_count;
};

/* Reads `argv`, NULL at the end: "--name VALUE", "--name=VALUE", "--" before words that begin with
 * '-'. Words and values are borrowed. The error names the argument and says what would be right. To
 * be cleared in any case. */
MUST_USE bool arguments_read(struct arguments *arguments, const struct option *options,
                             char *const argv[], struct error *error);
void arguments_clear(struct arguments *arguments);

/* Appends a line per option, --json and --help at the end. */
void arguments_add_help(struct buffer *out, const struct option *options);

#endif
