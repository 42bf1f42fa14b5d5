/* events - the stream reelq:events: the last entries, and what comes. */
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/event_line.h"

enum { OPTION_FOLLOW, OPTION_COUNT, OPTION_TASK };

static const struct option options[] = {
    [OPTION_FOLLOW] = {"--follow", NULL, "go on with what comes, until Ctrl-C", OPTION_FLAG, 0},
    [OPTION_COUNT] = {"--count", "N", "look at so many of the last ones (default 20)",
                      OPTION_NUMBER, 0},
    [OPTION_TASK] = {"--id", "ID", "only those of this task, its indexes, or batch", OPTION_TEXT,
                     0},
    {.name = NULL},
};

enum { COUNT = 20, BLOCK_MS = 1000, READ_AT_ONCE = 500, STREAM_ID = 64 };

struct follow {
    struct session *session;
    char last[STREAM_ID]; /* id of the last entry that was seen */
};

/* Of the task itself, or of one of its indexes, ID/LABEL. */
static bool is_wanted(const struct session *session, struct slice id)
{
    const char *wanted = session->arguments->text[OPTION_TASK];

    if (wanted == NULL)
        return true;
    return slice_starts_with(id, wanted) &&
           (id.length == strlen(wanted) || id.data[strlen(wanted)] == '/');
}

static void print_entry(struct follow *follow, const struct redisReply *reply)
{
    struct session *session = follow->session;
    struct event_entry entry;

    if (!event_entry_read(&entry, reply))
        return;
    (void)snprintf(follow->last, sizeof(follow->last), "%.*s", SLICE_ARGS(entry.stream_id));
    if (!is_wanted(session, entry.id))
        return;
    if (session->arguments->json && entry.json.length == 0)
        return; /* of somebody else's making */
    if (session->arguments->json) {
        buffer_add_slice(&session->out, entry.json);
        buffer_add_char(&session->out, '\n');
    } else {
        event_line_add(&session->out, &session->screen, &entry, true);
    }
}

static bool print_last(struct follow *follow)
{
    const struct arguments *arguments = follow->session->arguments;
    int64_t count = arguments->text[OPTION_COUNT] != NULL ? arguments->number[OPTION_COUNT] : COUNT;
    struct redisReply *reply =
        client_ask(follow->session->client, "XREVRANGE %s + - COUNT %lld",
                   follow->session->keys.events, (long long)(count > 0 ? count : 1));

    if (reply == NULL)
        return false;
    for (size_t i = count > 0 ? reply->elements : 0; i > 0; i--)
        print_entry(follow, reply->element[i - 1]);
    if (count == 0 && reply->elements > 0)
        (void)snprintf(follow->last, sizeof(follow->last), "%.*s",
                       SLICE_ARGS(client_text(reply->element[0], 0)));
    freeReplyObject(reply);
    return session_print(follow->session);
}

/* XREAD names the stream around its entries; nil when none has come. */
static void print_read(struct follow *follow, const struct redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        return;
    const struct redisReply *entries = reply->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++)
        print_entry(follow, entries->element[i]);
    (void)session_print(follow->session);
}

static bool read_next(struct follow *follow)
{
    struct client *client = follow->session->client;
    struct redisReply *reply = NULL;
    bool alive = true;

    client_queue(client, "XREAD COUNT %d BLOCK %d STREAMS %s %s", READ_AT_ONCE, BLOCK_MS,
                 follow->session->keys.events, follow->last);
    client_flush(client);
    while (alive && reply == NULL && !session_stopped())
        reply = client_listen(client, BLOCK_MS, &alive);
    if (reply != NULL)
        print_read(follow, reply);
    freeReplyObject(reply);
    return alive;
}

/* While Redis is away; the stream is the same when it is back. */
static bool come_back(struct session *session)
{
    struct error error;

    if (client_denied(session->client))
        return false;
    (void)fprintf(stderr, "reelq: Redis is away; this goes on when it is back\n");
    while (!session_stopped()) {
        struct client *client = client_open(&session->url, &error);
        if (client != NULL) {
            client_free(session->client);
            session->client = client;
            (void)fprintf(stderr, "reelq: Redis is back\n");
            return true;
        }
        (void)poll(NULL, 0, BLOCK_MS);
    }
    return true;
}

static int run(struct session *session)
{
    struct follow follow = {.session = session, .last = "0-0"};

    if (!print_last(&follow))
        return session_failed(session, session->client);
    if (session->arguments->text[OPTION_FOLLOW] == NULL)
        return EXIT_DONE;
    session_catch_signals();
    while (!session_stopped() && !session->unprinted)
        if (!read_next(&follow) && !come_back(session))
            return session_failed(session, session->client);
    return session->unprinted ? EXIT_FAILED : EXIT_STOPPED;
}

const struct command command_events = {
    .name = "events",
    .words = "",
    .summary = "Shows what has happened, and with --follow what happens",
    .details =
        "The stream keeps about 100000 entries. With --json each is the JSON that was published,\n"
        "one a line. --follow goes on where it was when Redis was away.",
    .options = options,
    .run = run,
};
