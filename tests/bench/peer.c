#include "bench/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "bench/measure_peer.h"
#include "support/port.h"

enum { LOOK_AGAIN_MS = 5 };

#define START_NS INT64_C(20000000000)

const struct peer peers[PEERS] = {
#define PEER(name, kind, program, needs, text)                                                     \
    {#name,                                                                                        \
     program,                                                                                      \
     needs,                                                                                        \
     text,                                                                                         \
     measure_peer_##kind,                                                                          \
     FIGURE_##name##_process,                                                                      \
     FIGURE_##name##_redis,                                                                        \
     FIGURE_##name##_rate,                                                                         \
     FIGURE_##name##_memory,                                                                       \
     FIGURE_##name##_waiting},
#include "bench/peers.def"
};

struct process *peer_start(const struct bench *bench, const struct peer *peer,
                           const char *const *words)
{
    static const char *const environment[] = {"NODE_ENV=production", NULL};
    char *path = xasprintf("%s/%s", bench->peers, peer->program);
    struct process *process = process_start(&(struct process_options){path, words, environment});

    free(path);
    return process;
}

bool peer_look(struct bench *bench, const struct peer *peer)
{
    struct process *process = peer_start(bench, peer, (const char *[]){"versions", NULL});
    bool runs = process_wait(process) == 0;

    if (runs)
        board_add_version(bench->board, peer->name, slice_text(process_output(process)));
    else
        (void)fprintf(
            stderr,
            "%sbench: %s cannot run here. scripts/bench --peers installs what it needs: %s\n",
            process_log(process), peer->name, peer->needs);
    process_free(process);
    return runs;
}

static bool takes_connections(unsigned port)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool taken = fd != -1 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0;

    if (fd != -1)
        (void)close(fd);
    return taken;
}

static void await_connections(struct process *process, unsigned port)
{
    int64_t end_ns = account_now_ns() + START_NS;

    while (!takes_connections(port)) {
        if (process_ended(process) || account_now_ns() > end_ns) {
            (void)fprintf(stderr, "%speer: it does not serve; its log stands above\n",
                          process_log(process));
            abort();
        }
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

struct process *peer_serve(const struct bench *bench, const struct peer *peer,
                           const char *redis_socket, char **address)
{
    unsigned port;
    int held = port_hold(&port);
    char *word = xasprintf("%u", port);

    (void)close(
        held); // most programs do not share a port, and not all can say which they were given
    struct process *process =
        peer_start(bench, peer, (const char *[]){"serve", word, redis_socket, NULL});
    await_connections(process, port);
    *address = xasprintf("127.0.0.1:%u", port);
    free(word);
    return process;
}
