/* reelq-sandbox - a stand-in for the VideoDB HTTP API.
 *
 *     options -> loop -> sandbox (state) -> server (HTTP) -> run until SIGTERM or SIGINT -> free
 *
 * A request goes server -> exchange -> routes -> route_*.c, a job jobs -> callbacks -> poster. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "sandbox.h"
#include "server.h"

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    (void)number;
    (void)what;
    event_base_loopbreak(arg);
}

static bool write_ready_file(const char *path, const char *address, struct error *error)
{
    if (path == NULL) {
        return true;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return error_set(error, "--ready-file %s: cannot be written", path);
    }
    bool written = fprintf(file, "%s\n", address) > 0;
    bool closed = fclose(file) == 0;
    return (written && closed) || error_set(error, "--ready-file %s: cannot be written", path);
}

static void run(struct event_base *base)
{
    struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
    struct event *interrupt = evsignal_new(base, SIGINT, on_signal, base);
    event_add(term, NULL);
    event_add(interrupt, NULL);
    event_base_dispatch(base);
    event_free(term);
    event_free(interrupt);
}

static bool serve(struct options *options, struct error *error)
{
    struct sandbox sandbox;
    struct server server;
    struct event_base *base = event_base_new();
    sandbox_init(&sandbox, base, options);
    bool listening = server_init(&server, &sandbox, error);
    bool good = listening && write_ready_file(options->ready_file, sandbox.address, error);
    if (good) {
        log_info("listening", "address=%s", sandbox.address);
        run(base);
        log_info("stopped", "requests=%llu", (unsigned long long)sandbox.requests.sequence);
    }
    if (listening) {
        server_clear(&server);
    }
    sandbox_clear(&sandbox);
    /* libevent ends connections that were freed in its next turn. */
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
    return good;
}

int main(int count, char **arguments)
{
    struct options options;
    struct error error;
    (void)signal(SIGPIPE, SIG_IGN);
    log_attach_libevent();
    enum options_result result = options_parse(&options, arguments + (count > 0), &error);
    bool good = result == OPTIONS_EXIT || (result == OPTIONS_RUN && serve(&options, &error));
    options_clear(&options);
    libevent_global_shutdown();
    if (!good) {
        log_die("%s", error.text);
    }
    return EXIT_SUCCESS;
}
