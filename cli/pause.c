/* pause, resume - the key that workers look at before they take a task. A 429 sets it, too. */
#include <hiredis/hiredis.h>

#include "base/json_write.h"
#include "cli/commands.h"

enum { OPTION_FOR };

static const struct option pause_options[] = {
    [OPTION_FOR] = {"--for", "TIME", "end by itself after this time, as 30s, 5m or 2h",
                    OPTION_DURATION, 0},
    {.name = NULL},
};

static const struct option resume_options[] = {{.name = NULL}};

/* Ten years: until it is resumed. */
#define FOR_EVER_MS (INT64_C(10) * 365 * 86400000)

static void report(struct session *session, int64_t until_ms, const char *text)
{
    struct json_writer w = json_writer(&session->out);

    if (!session->arguments->json) {
        buffer_add_text(&session->out, text);
        return;
    }
    json_open(&w, '{');
    json_key_int(&w, "paused_until", until_ms);
    json_close(&w, '}');
    buffer_add_char(&session->out, '\n');
}

static int pause_workers(struct session *session)
{
    bool bounded = session->arguments->text[OPTION_FOR] != NULL;
    int64_t ms = bounded ? session->arguments->number[OPTION_FOR] : FOR_EVER_MS;
    int64_t now = session_now(session), until_ms = now + ms;

    if (bounded && (ms == 0 || ms > FOR_EVER_MS))
        return session_usage("pause: --for %s: expected a duration such as 30s, 5m or 2h, of up to "
                             "ten years",
                             session->arguments->text[OPTION_FOR]);
    struct redisReply *reply =
        now < 0 ? NULL
                : client_ask(session->client, "SET %s %lld PX %lld", session->keys.pause,
                             (long long)until_ms, (long long)ms);
    if (reply == NULL)
        return session_failed(session, session->client);
    freeReplyObject(reply);
    report(session, until_ms,
           bounded ? "Paused: no worker takes tasks, until that time is over or reelq resume\n"
                   : "Paused: no worker takes tasks, until reelq resume\n");
    return EXIT_DONE;
}

static int resume_workers(struct session *session)
{
    struct redisReply *reply = client_ask(session->client, "UNLINK %s", session->keys.pause);

    if (reply == NULL)
        return session_failed(session, session->client);
    report(session, 0,
           client_integer(reply) > 0 ? "Resumed: the workers go on within 5 s\n"
                                     : "There was no pause\n");
    return EXIT_DONE;
}

const struct command command_pause = {
    .name = "pause",
    .words = "",
    .summary = "Lets no worker take tasks",
    .details =
        "Calls that are under way go on, and callbacks are taken: what they lead to waits in the\n"
        "queue. Tasks can be submitted. The pause of a 429 is replaced by this one.",
    .options = pause_options,
    .run = pause_workers,
};

const struct command command_resume = {
    .name = "resume",
    .words = "",
    .summary = "Ends a pause, also that of a 429",
    .details = "",
    .options = resume_options,
    .run = resume_workers,
};
