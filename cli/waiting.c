/* waiting_run -> look, listen -> on_message -> settle; lost -> dial again -> look
 * A message may be missed while the connection is away, so every few seconds the records of what is
 * still open are looked at, a slice at a time. Who may not read records has the messages alone. */
#include "cli/waiting.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_read.h"
#include "base/xalloc.h"
#include "cli/waiting_report.h"

enum { LOOK_MS = 2000, REDIAL_MS = 500, SLICE = 500, TICK_MS = 1000 };

struct waiting {
    struct session *session;
    struct client *listener; /* NULL while Redis is away */
    const struct waiting_options *options;
    struct waiting_report report;
    int64_t since_ms; /* a failure before this time is of a run before; -1: records are not read */
    int64_t look_at_ms, deadline_ms;
    size_t cursor; /* of the next slice */
};

/* --- listening -------------------------------------------------------------------------------- */

/* One reply per channel says that it is heard. */
static bool subscribe(struct waiting *waiting, struct client *listener)
{
    const char *prefix = waiting->session->keys.prefix;
    bool alive = true;

    client_queue(listener, "SUBSCRIBE %sready %sfailed", prefix, prefix);
    for (int i = 0; i < 2; i++) {
        struct redisReply *reply = client_next(listener);
        alive = alive && reply != NULL;
        freeReplyObject(reply);
        if (!alive)
            return false;
    }
    return true;
}

struct waiting *waiting_new(struct session *session)
{
    struct waiting *waiting = xcalloc(1, sizeof(*waiting));

    session_catch_signals();
    waiting->session = session;
    waiting->since_ms = session_now(session);
    waiting->listener = session_dial(session);
    if (waiting->listener != NULL && subscribe(waiting, waiting->listener))
        return waiting;
    if (waiting->listener != NULL)
        (void)session_failed(session, waiting->listener);
    waiting_free(waiting);
    return NULL;
}

void waiting_free(struct waiting *waiting)
{
    if (waiting == NULL)
        return;
    client_free(waiting->listener);
    waiting_report_clear(&waiting->report);
    free(waiting);
}

/* --- what is known of a task ------------------------------------------------------------------ */

static void settle(struct waiting *waiting, size_t n, bool ready, struct slice message)
{
    unsigned char *value = ids_value(waiting->options->ids, n);

    if (*value != WAITING_OPEN)
        return;
    *value = ready ? WAITING_READY : WAITING_FAILED;
    waiting_report_end(&waiting->report, ids_name(waiting->options->ids, n), ready, message);
}

static void on_message(struct waiting *waiting, struct slice channel, struct slice message)
{
    static const struct json_limits limits = {16 << 20, 64};
    struct buffer id = BUFFER(KEYS_MAX_TASK_ID);
    struct json doc;

    if (!json_parse(&doc, message, &limits, NULL))
        return;
    if (json_string(&doc, json_get(&doc, JSON_ROOT, "id"), &id)) {
        int64_t n = ids_find(waiting->options->ids, buffer_slice(&id));
        size_t prefix = strlen(waiting->session->keys.prefix);
        if (n >= 0)
            settle(waiting, (size_t)n, slice_is(slice_skip(channel, prefix), "ready"), message);
    }
    buffer_clear(&id);
    json_clear(&doc);
}

/* --- records ---------------------------------------------------------------------------------- */

/* Asks for up to SLICE open ones from the cursor on; how many places it went on. */
static size_t ask_slice(struct waiting *waiting, size_t places[SLICE], size_t *asked)
{
    struct ids *ids = waiting->options->ids;
    size_t total = ids_count(ids), gone = 0;

    *asked = 0;
    for (; gone < total && *asked < SLICE; gone++) {
        size_t n = (waiting->cursor + gone) % total;
        if (*ids_value(ids, n) != WAITING_OPEN)
            continue;
        places[(*asked)++] = n;
        client_queue(waiting->session->client, "HMGET %stask:%s state failed_at failure",
                     waiting->session->keys.prefix, ids_name(ids, n));
    }
    return gone;
}

static void read_record(struct waiting *waiting, size_t n, const struct redisReply *reply)
{
    struct slice state = client_text(reply, 0);
    struct buffer message = BUFFER(64 << 10);
    uint64_t failed_at = 0;

    (void)slice_to_u64(client_text(reply, 1), &failed_at);
    bool failed = slice_is(state, "failed") &&
                  (waiting->options->old_failures || (int64_t)failed_at >= waiting->since_ms);
    if (failed || slice_is(state, "ready")) {
        waiting_report_add_message(&message, ids_name(waiting->options->ids, n), !failed,
                                   client_text(reply, 2));
        settle(waiting, n, !failed, buffer_slice(&message));
    }
    buffer_clear(&message);
}

static bool redial_commands(struct waiting *waiting)
{
    struct error error;

    client_free(waiting->session->client);
    waiting->session->client = client_open(&waiting->session->url, &error);
    return waiting->session->client != NULL;
}

/* Both connections: come_back() makes them anew. */
static void give_up(struct waiting *waiting)
{
    client_free(waiting->listener);
    waiting->listener = NULL;
}

/* A reply that is refused is counted too: the ones behind it are still to be read. */
static void read_slice(struct waiting *waiting, const size_t places[], size_t asked)
{
    struct client *client = waiting->session->client;

    for (size_t i = 0; i < asked; i++) {
        struct redisReply *reply = client_next(client);
        if (reply == NULL && !client_denied(client)) {
            give_up(waiting);
            return;
        }
        if (reply != NULL)
            read_record(waiting, places[i], reply);
        else
            waiting->since_ms = -1;
        freeReplyObject(reply);
    }
}

static void look(struct waiting *waiting, int64_t now_ms)
{
    size_t places[SLICE], asked = 0;

    if (waiting->since_ms < 0 || now_ms < waiting->look_at_ms || waiting->listener == NULL)
        return;
    size_t gone = ask_slice(waiting, places, &asked);
    read_slice(waiting, places, asked);
    waiting->cursor = (waiting->cursor + gone) % ids_count(waiting->options->ids);
    /* Where there are many the next slice comes sooner, and after the last one a pause. */
    waiting->look_at_ms = now_ms + (asked == SLICE ? LOOK_MS / 10 : LOOK_MS);
}

/* --- the loop --------------------------------------------------------------------------------- */

static int64_t queue_length(struct waiting *waiting)
{
    struct redisReply *reply =
        waiting->listener != NULL && waiting->session->client != NULL
            ? client_ask(waiting->session->client, "LLEN %s", waiting->session->keys.tasks)
            : NULL;

    return reply != NULL ? client_integer(reply) : -1;
}

/* Redis is away: nothing is lost by that but time. */
static void come_back(struct waiting *waiting)
{
    struct error error;

    waiting_report_lost(&waiting->report);
    (void)poll(NULL, 0, REDIAL_MS);
    struct client *listener = client_open(&waiting->session->url, &error);
    if (listener == NULL || !subscribe(waiting, listener) || !redial_commands(waiting)) {
        client_free(listener);
        return;
    }
    waiting->listener = listener;
    waiting->look_at_ms = 0;
    waiting_report_back(&waiting->report);
}

static void listen_for(struct waiting *waiting, int64_t ms)
{
    bool alive = true;
    struct redisReply *reply = client_listen(waiting->listener, ms, &alive);

    if (!alive)
        give_up(waiting);
    if (reply != NULL && reply->elements == 3 && slice_is(client_text(reply, 0), "message"))
        on_message(waiting, client_text(reply, 1), client_text(reply, 2));
    freeReplyObject(reply);
}

static int64_t next_ms(const struct waiting *waiting, int64_t now_ms)
{
    int64_t ms = waiting_report_due_ms(&waiting->report);

    if (waiting->since_ms >= 0 && waiting->look_at_ms - now_ms < ms)
        ms = waiting->look_at_ms - now_ms;
    if (waiting->deadline_ms != 0 && waiting->deadline_ms - now_ms < ms)
        ms = waiting->deadline_ms - now_ms;
    return ms < 0 ? 0 : ms < TICK_MS ? ms : TICK_MS;
}

static void turn(struct waiting *waiting, int64_t now_ms)
{
    if (waiting->listener == NULL)
        come_back(waiting);
    else
        listen_for(waiting, next_ms(waiting, now_ms));
    look(waiting, clock_monotonic_ms());
    if (waiting_report_due_ms(&waiting->report) == 0)
        waiting_report_show(&waiting->report, queue_length(waiting));
}

int waiting_run(struct waiting *waiting, const struct waiting_options *options)
{
    int64_t now = clock_monotonic_ms();

    waiting->options = options;
    waiting->deadline_ms = options->timeout_ms > 0 ? now + options->timeout_ms : 0;
    waiting_report_init(&waiting->report, waiting->session, ids_count(options->ids),
                        options->interval_ms);
    look(waiting, now);
    waiting_report_begin(&waiting->report);
    while (!waiting_report_complete(&waiting->report)) {
        now = clock_monotonic_ms();
        if (session_stopped())
            return waiting_report_finish(&waiting->report, EXIT_STOPPED);
        if (waiting->deadline_ms != 0 && now >= waiting->deadline_ms)
            return waiting_report_finish(&waiting->report, EXIT_TIMEOUT);
        turn(waiting, now);
    }
    return waiting_report_finish(&waiting->report, EXIT_DONE);
}
