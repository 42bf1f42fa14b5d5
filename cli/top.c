/* top - status, again and again, over the whole terminal.
 * run_live -> refresh, draw -> terminal_wait ...; run_lines and run_once without a terminal */
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/top_view.h"

enum { OPTION_INTERVAL, OPTION_ONCE };

static const struct option options[] = {
    [OPTION_INTERVAL] = {"--interval", "TIME", "look so often (default 2s)", OPTION_DURATION, 0},
    [OPTION_ONCE] = {"--once", NULL, "print one picture, or one line of JSON", OPTION_FLAG, 0},
    {.name = NULL},
};

/* The longest time without an ear for keys, when Redis does not answer. */
enum { PATIENCE_MS = 2000, INTERVAL_MS = 2000, LEAST_INTERVAL_MS = 100 };

/* False when the user may not look at something, which the next time will not be otherwise. When
 * Redis is away view->away says why. */
static bool refresh(struct top_view *view, struct session *session)
{
    struct error error = {0};

    if (session->client == NULL)
        session->client = client_open_within(&session->url, PATIENCE_MS, &error);
    bool dialled = session->client != NULL;
    view->away[0] = '\0';
    if (dialled && top_view_read(view, session))
        return true;
    if (dialled && client_denied(session->client))
        return false;
    (void)snprintf(view->away, sizeof(view->away), "%s",
                   dialled ? client_error(session->client) : error.text);
    client_free(session->client);
    session->client = NULL;
    return true;
}

/* --- in a terminal ---------------------------------------------------------------------------- */

static bool draw(const struct top_view *view, struct session *session)
{
    struct buffer picture = BUFFER(session->out.maximum);

    top_view_add_text(&picture, &session->screen, view);
    terminal_add_picture(&session->out, &session->screen, buffer_slice(&picture));
    buffer_clear(&picture);
    return session_print(session);
}

/* Until it is time to look again; false: to leave. */
static bool wait_until(const struct top_view *view, struct session *session, int64_t due_ms)
{
    int64_t left;
    char key = '\0';

    while ((left = due_ms - clock_monotonic_ms()) > 0) {
        enum terminal_news news = terminal_wait(left, &key);
        if (news == TERMINAL_STOPPED || (news == TERMINAL_KEY && (key == 'q' || key == 'Q')))
            return false;
        if (news == TERMINAL_RESIZED) {
            screen_measure(&session->screen);
            if (!draw(view, session))
                return false;
        }
    }
    return !terminal_stopped();
}

static int run_live(struct top_view *view, struct session *session)
{
    bool allowed, go_on = true;

    /* The one that is there waits longer. */
    client_free(session->client);
    session->client = NULL;
    terminal_enter();
    do {
        int64_t due_ms = clock_monotonic_ms() + view->interval_ms;
        allowed = refresh(view, session);
        go_on = allowed && draw(view, session) && wait_until(view, session, due_ms);
    } while (go_on);
    terminal_leave();
    if (!allowed)
        return session_failed(session, session->client);
    return terminal_stopped() ? EXIT_STOPPED : EXIT_DONE;
}

/* --- elsewhere -------------------------------------------------------------------------------- */

static int run_once(struct top_view *view, struct session *session)
{
    view->interval_ms = 0;
    if (!top_view_read(view, session))
        return session_failed(session, session->client);
    if (session->arguments->json)
        top_view_add_json(&session->out, view);
    else
        top_view_add_text(&session->out, &session->screen, view);
    return EXIT_DONE;
}

static bool print_line(const struct top_view *view, struct session *session, bool *away)
{
    bool now_away = view->away[0] != '\0';

    if (now_away != *away)
        (void)fprintf(stderr, "reelq: %s\n", now_away ? view->away : "Redis is back");
    *away = now_away;
    if (now_away)
        return true;
    top_view_add_json(&session->out, view);
    return session_print(session);
}

static int run_lines(struct top_view *view, struct session *session)
{
    bool away = false;

    session_catch_signals();
    while (!session_stopped()) {
        int64_t due_ms = clock_monotonic_ms() + view->interval_ms, left;
        if (!refresh(view, session))
            return session_failed(session, session->client);
        if (!print_line(view, session, &away))
            return EXIT_FAILED;
        while ((left = due_ms - clock_monotonic_ms()) > 0 && !session_stopped())
            (void)poll(NULL, 0, (int)left);
    }
    return EXIT_STOPPED;
}

static int run_view(struct top_view *view, struct session *session)
{
    if (session->arguments->text[OPTION_ONCE] != NULL)
        return run_once(view, session);
    if (session->arguments->json)
        return run_lines(view, session);
    if (session->screen.terminal)
        return run_live(view, session);
    return session_usage("top: standard output is no terminal: --once prints one picture, --json "
                         "a line per interval");
}

static int run(struct session *session)
{
    const struct arguments *arguments = session->arguments;
    struct top_view view = {.interval_ms = arguments->text[OPTION_INTERVAL] != NULL
                                               ? arguments->number[OPTION_INTERVAL]
                                               : INTERVAL_MS};

    if (view.interval_ms < LEAST_INTERVAL_MS || view.interval_ms > INT32_MAX)
        return session_usage("top: --interval: expected 100ms to 24d");
    int status = run_view(&view, session);
    top_view_clear(&view);
    return status;
}

const struct command command_top = {
    .name = "top",
    .words = "",
    .summary = "Shows the queues, rates, workers and last failures, live",
    .details =
        "The bars compare the present numbers, the lines show how each has changed, beside its\n"
        "own greatest value. Rates are counted in the stream of events, over the last 10 s. q or\n"
        "Ctrl-C leaves. While Redis is away the last picture stays. --json prints what status\n"
        "--json prints, with ready_per_s and failed_per_s, a line per interval.",
    .options = options,
    .run = run,
};
