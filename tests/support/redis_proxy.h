/* redis_proxy - stands between one process and its Redis, and does it harm at a chosen command.
 *
 * It counts the commands of the process over all of its connections, and lets only one at a time be
 * unanswered (but for those that block, BLMOVE and its like). So when command N is looked at, 1 to
 * N-1 were applied and their answers passed on, and nothing after N has reached the server. It
 * works in a thread of its own; what cannot be done ends the test process with a line that says
 * why. */
#ifndef REELQ_TESTS_REDIS_PROXY_H
#define REELQ_TESTS_REDIS_PROXY_H

#include <stdbool.h>
#include <sys/types.h>

struct redis_proxy;
struct redisReply;

enum redis_proxy_harm {
    REDIS_PROXY_CUT,      /* the connection that the command came on is closed */
    REDIS_PROXY_KILL,     /* the process gets SIGKILL; all of its connections are closed */
    REDIS_PROXY_SHUT_OUT, /* all are closed, and nobody is answered until redis_proxy_let_in() */
};

/* Harm at command `at` (from 1; 0: never). */
struct redis_proxy_plan {
    /* Is it one of those that are counted? Called by the proxy's thread; NULL: all are. */
    bool (*counts)(const struct redisReply *command, void *arg);
    void *arg;
    unsigned at;
    bool after; /* once the server has answered it, and before the client hears of it;
                   else the command does not reach the server */
    enum redis_proxy_harm harm;
    pid_t pid; /* of the process; used only to kill it */
};

struct redis_proxy_report {
    unsigned seen; /* counted so far, that one included */
    bool reached;  /* it came ... */
    bool done;     /* ... and the harm is done; a command that blocks may end unanswered */
    const struct redisReply *command; /* that one: an array of strings, or NULL; valid until the
                                         next redis_proxy_arm() */
};

/* Listens beside the socket of the server, `server_path`. Nobody is answered before
 * redis_proxy_arm(). */
struct redis_proxy *redis_proxy_new(const char *server_path);
void redis_proxy_free(struct redis_proxy *proxy);

/* "unix:///...", valid until redis_proxy_free(). */
const char *redis_proxy_url(const struct redis_proxy *proxy);

/* Begins to count from 1. The process should be started before, and may be connected already. */
void redis_proxy_arm(struct redis_proxy *proxy, const struct redis_proxy_plan *plan);

/* Ends a REDIS_PROXY_SHUT_OUT. */
void redis_proxy_let_in(struct redis_proxy *proxy);

struct redis_proxy_report redis_proxy_look(struct redis_proxy *proxy);

/* Closes everything; until it is armed again nobody is answered. */
void redis_proxy_disarm(struct redis_proxy *proxy);

#endif
