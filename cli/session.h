/* session - what a command works with: the configuration, the names of the keys, a connection, the
 * screen; and how it ends. */
#ifndef REELQ_CLI_SESSION_H
#define REELQ_CLI_SESSION_H

#include "base/config.h"
#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/screen.h"
#include "queue/keys.h"

/* What the program exits with; docs/cli.md and --help say the same. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,   /* it could not be done */
    EXIT_USAGE = 2,    /* an argument or an input is wrong */
    EXIT_TASKS = 3,    /* done, and tasks have failed */
    EXIT_MISSING = 4,  /* there is no such task */
    EXIT_TIMEOUT = 5,  /* --timeout is over */
    EXIT_WARNED = 6,   /* doctor has found something */
    EXIT_STOPPED = 130 /* Ctrl-C */
};

struct session {
    struct config config;
    struct redis_url url;
    struct keys keys;
    struct screen screen;
    struct client *client;
    const struct arguments *arguments;
    struct buffer out; /* what is to be printed next */
    bool unprinted;    /* printing has failed, and that was said */
};

/* Reads the settings of `program` and connects; false after it has said why not. To be closed in
 * any case. */
MUST_USE bool session_open(struct session *session, const struct arguments *arguments,
                           enum config_program program);
void session_close(struct session *session);

/* One more connection of the same kind; NULL after it has said why not. */
struct client *session_dial(struct session *session);

/* Says what the connection, or the text, says, and gives EXIT_FAILED or EXIT_USAGE. */
int session_failed(struct session *session, const struct client *client);
int session_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what is in session->out, and empties it; false, and it says why, when nobody takes it. */
bool session_print(struct session *session);

/* The time of Redis in ms; -1 and client_error() when it does not say. */
int64_t session_now(struct session *session);

/* From now on Ctrl-C and SIGTERM only make this true, and end a wait. */
void session_catch_signals(void);
bool session_stopped(void);

#endif
