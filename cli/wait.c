/* wait - until tasks that were submitted before are through. */
#include "cli/commands.h"
#include "cli/waiting.h"

enum { OPTION_TIMEOUT, OPTION_INTERVAL };

static const struct option options[] = {
    [OPTION_TIMEOUT] = {"--timeout", "TIME", "give up after this time, as 30s, 5m or 2h",
                        OPTION_DURATION, 0},
    [OPTION_INTERVAL] = {"--interval", "TIME",
                         "between two lines where there is no terminal (default 10s)",
                         OPTION_DURATION, 0},
    {.name = NULL},
};

enum { INTERVAL_MS = 10000 };

static bool read_ids(const struct arguments *arguments, struct ids *ids)
{
    for (size_t i = 0; i < arguments->word_count; i++) {
        struct slice id = slice_text(arguments->words[i]);
        if (!keys_valid_task_id(id)) {
            (void)session_usage("wait: %.64s is no task id: letters, digits and _ - . : /",
                                arguments->words[i]);
            return false;
        }
        (void)ids_add(ids, id);
    }
    return true;
}

/* A batch is waited for by the name of each of its tasks: as a task nobody would ever end it. */
static bool is_batch(struct session *session, const char *name)
{
    const char *prefix = session->keys.prefix;

    return client_integer(client_ask(session->client, "EXISTS %stask:%s", prefix, name)) == 0 &&
           client_integer(client_ask(session->client, "EXISTS %sbatch:%s", prefix, name)) > 0;
}

static bool check_names(struct session *session)
{
    const struct arguments *arguments = session->arguments;

    for (size_t i = 0; i < arguments->word_count; i++)
        if (is_batch(session, arguments->words[i])) {
            (void)session_usage("wait: %s is a batch, not a task: name its tasks, or submit with"
                                " --wait",
                                arguments->words[i]);
            return false;
        }
    return true;
}

static int run(struct session *session)
{
    const struct arguments *arguments = session->arguments;
    struct ids *ids = ids_new();
    struct waiting *waiting = NULL;
    int status = EXIT_USAGE;

    if (read_ids(arguments, ids) && check_names(session)) {
        waiting = waiting_new(session);
        status = EXIT_FAILED;
    }
    if (waiting != NULL)
        status = waiting_run(waiting,
                             &(struct waiting_options){ids, true, arguments->number[OPTION_TIMEOUT],
                                                       arguments->text[OPTION_INTERVAL] != NULL
                                                           ? arguments->number[OPTION_INTERVAL]
                                                           : INTERVAL_MS});
    waiting_free(waiting);
    ids_free(ids);
    return status;
}

const struct command command_wait = {
    .name = "wait",
    .words = "ID...",
    .summary = "Waits until each of the tasks is ready or failed",
    .details =
        "A task that no worker has taken yet, or nobody has submitted, is waited for as well:\n"
        "--timeout bounds that. Ctrl-C ends the waiting, and no task.",
    .options = options,
    .least_words = 1,
    .run = run,
};
