/* cli_site - runs reelq as somebody would in a shell. What cannot be done ends the test process. */
#ifndef REELQ_TESTS_CLI_SITE_H
#define REELQ_TESTS_CLI_SITE_H

#include "e2e/pipeline.h"
#include "support/process.h"
#include "support/redis_server.h"

/* Who runs it, against which Redis. */
struct cli_site {
    struct redis_server *redis;
    const char *user; /* of deploy/redis.acl; NULL: nobody in particular */
    struct process *last;
};

/* `reelq COMMAND`, where COMMAND is a piece of a shell script in which $REELQ is the program: its
 * exit status. Made like printf. */
__attribute__((format(printf, 2, 3))) int cli_run(struct cli_site *site, const char *command, ...);

/* What the last one has written, valid until the next. */
const char *cli_output(struct cli_site *site);
const char *cli_log(struct cli_site *site);

/* Starts it (a script is to `exec` it), for process_wait() and process_free(). */
__attribute__((format(printf, 2, 3))) struct process *cli_start(const struct cli_site *site,
                                                                const char *command, ...);

/* Until it has written the part to its standard output. */
void cli_await_output(struct process *process, const char *part);

/* Frees the last one and its output. */
void cli_clear(struct cli_site *site);

/* Expects the part in the last output, or log. */
void cli_has(struct cli_site *site, const char *part);
void cli_has_not(struct cli_site *site, const char *part);
void cli_says(struct cli_site *site, const char *part);

/* One command of Redis whose reply does not matter. */
__attribute__((format(printf, 2, 3))) void cli_redis(struct cli_site *site, const char *format,
                                                     ...);

#endif
