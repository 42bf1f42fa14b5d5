/* reelq-webhook - options -> loop -> Redis, admin listener, public listener -> run -> drain ->
 * free. */
#include "base/program.h"
#include "net/health.h"
#include "webhook/webhook.h"

static const char purpose[] =
    "Takes the callbacks of VideoDB: checks that their URL was signed for a task, stores them in\n"
    "Redis for the workers, and answers 200 only when Redis, or the spool on the local disk, has\n"
    "them. Several processes may share one address. SIGTERM lets open requests end, then the "
    "process.";

static int run(const struct program_spec *spec)
{
    struct loop *loop = loop_new();
    struct error error;
    int status = 0;

    struct webhook *webhook = webhook_new(loop, spec->config, &error);
    if (webhook == NULL) {
        status = program_fail(spec, error.text);
    } else {
        loop_run(loop);
        if (webhook_failure(webhook) != NULL)
            status = program_fail(spec, webhook_failure(webhook));
    }
    webhook_free(webhook);
    loop_free(loop);
    return status;
}

int main(int argc, char *argv[])
{
    struct config config;
    struct program_spec spec = {.name = "reelq-webhook",
                                .purpose = purpose,
                                .program = CONFIG_WEBHOOK,
                                .config = &config,
                                .check = webhook_check,
                                .healthcheck = health_check};

    return program_main(argc, argv, &spec, run);
}
