/* status - the whole pipeline on one screen. */
#include "cli/commands.h"
#include "cli/snapshot.h"
#include "cli/snapshot_print.h"

static const struct option options[] = {{.name = NULL}};

static int run(struct session *session)
{
    struct snapshot snapshot;

    if (!snapshot_take(session, &snapshot))
        return session_failed(session, session->client);
    if (session->arguments->json)
        snapshot_add_json(&session->out, &snapshot);
    else
        snapshot_add_text(&session->out, &session->screen, &snapshot);
    return EXIT_DONE;
}

const struct command command_status = {
    .name = "status",
    .words = "",
    .summary = "Shows the queues, what is in flight, and the workers",
    .details = "`oldest` is the task under way that was taken first, of the 100 in each set whose "
               "turn is\n"
               "next: what still waits in the queue has no time yet. A worker that has not been "
               "seen for a\n"
               "minute is called gone; after an hour it is not shown any more.",
    .options = options,
    .run = run,
};
