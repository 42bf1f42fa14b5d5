/* peer - a foreign program that does what ours do, and what it needs around it. It lies in a folder
 * (scripts/bench makes it) and is told by its first word what to do:
 *   versions                 print what it runs on, in one line; fail when something is missing
 *   serve PORT REDIS_SOCKET  take callbacks on 127.0.0.1
 *   add COUNT REDIS_SOCKET   queue so many jobs
 *   work API REDIS_SOCKET    do them; reelq:ready gets a message for each
 * What cannot be done ends the run with a line that says why; its processes end with the run. */
#ifndef REELQ_BENCH_PEER_H
#define REELQ_BENCH_PEER_H

#include "bench/bench.h"
#include "support/process.h"

enum {
#define PEER(name, kind, program, needs, text) PEER_##name,
#include "bench/peers.def"
    PEERS
};

struct peer {
    const char *name, *program, *needs, *text;
    void (*measure)(struct bench *bench, const struct peer *peer);
    enum board_figure process, redis, rate, memory, waiting;
};

extern const struct peer peers[PEERS];

/* Asks for its versions and notes them on the board; false, and a line on stderr that names what to
 * install, when it cannot run here. */
bool peer_look(struct bench *bench, const struct peer *peer);

/* Starts it. `words` are those above, ended by NULL. */
struct process *peer_start(const struct bench *bench, const struct peer *peer,
                           const char *const *words);

/* Starts it to serve, and returns when it takes connections; `*address` is its HOST:PORT, to be
 * freed. */
struct process *peer_serve(const struct bench *bench, const struct peer *peer,
                           const char *redis_socket, char **address);

#endif
