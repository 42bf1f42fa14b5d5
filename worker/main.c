/* reelq-worker - options -> loop -> worker -> run -> drain -> free. */
#include <string.h>

#include "base/program.h"
#include "net/health.h"
#include "worker/http_reach.h"
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

static void warn_of_plain_http(const struct config *config)
{
    const char *url = config->api_base_url;
    bool plain = slice_is_nocase(slice_head(slice_text(url), strlen("http:")), "http:");

    if (plain && http_reach_of_url(url) != HTTP_REACH_HOST)
        log_warn("plain-http", "url=%s VIDEO_DB_API_KEY travels unencrypted: use https",
                 log_quote_text(url));
}

static int run(const struct program_spec *spec)
{
    struct loop *loop = loop_new();
    struct error error;
    int status = 0;

    warn_of_plain_http(spec->config);
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
                                .check = worker_check_config,
                                .healthcheck = health_check};

    return program_main(argc, argv, &spec, run);
}
