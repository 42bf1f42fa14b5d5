/* reelq-worker - options -> loop -> worker -> run -> drain -> free. */
#include <stdlib.h>

#include "base/program.h"
#include "worker/worker.h"

static const char purpose[] =
    "Takes tasks from Redis, calls VideoDB, and says when a video is ready. Start as many as you\n"
    "like, on as many machines as you like: everything a worker knows is in Redis. SIGTERM lets "
    "it\n"
    "finish what is in flight and hand back the rest.";

static void on_terminate(void *arg)
{
    worker_drain(arg);
}

static int run(const struct program_spec *spec)
{
    struct loop *loop = loop_new();
    struct error error;
    int status = 0;

    struct worker *worker = worker_new(spec->config, loop, &error);
    if (worker == NULL) {
        status = program_fail(spec, error.text);
    } else {
        loop_on_terminate(loop, on_terminate, worker);
        loop_run(loop);
        worker_free(worker);
    }
    loop_free(loop);
    return status;
}

int main(int argc, char *argv[])
{
    struct config config;
    struct program_spec spec = {.name = "reelq-worker",
                                .purpose = purpose,
                                .program = CONFIG_WORKER,
                                .config = &config,
                                .check = worker_check_config};

    return program_main(argc, argv, &spec, run);
}
