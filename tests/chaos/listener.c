#include "chaos/listener.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "chaos/collect.h"
#include "chaos/connection.h"

/* What was published just before Redis was killed may not have been sent to anybody. */
enum { BEFORE_LOSS_MS = 1000, CHANNELS = 3 };

struct listener {
    struct ledger *ledger;
    struct connection stream, channels;
    bool asked, idle;
    unsigned subscriptions, losses;
    int64_t deaf_since_ms; /* 0: it hears */
    char *cursor;
    listener_fn fn;
    void *arg;
};

struct listener *listener_new(struct ledger *ledger, const char *path, listener_fn fn, void *arg)
{
    struct listener *listener = xcalloc(1, sizeof(*listener));

    listener->ledger = ledger;
    listener->stream.path = path;
    listener->channels.path = path;
    listener->cursor = xstrdup("0");
    listener->fn = fn;
    listener->arg = arg;
    return listener;
}

void listener_free(struct listener *listener)
{
    if (listener == NULL)
        return;
    connection_drop(&listener->stream);
    connection_drop(&listener->channels);
    free(listener->cursor);
    free(listener);
}

/* --- the stream ------------------------------------------------------------------------------- */

/* [ID, [event, E, id, I, json, J]]; the ID begins with the time. */
static void take_entry(struct listener *listener, const redisReply *entry)
{
    static const char *const names[] = {"event", "id", "json"};
    const redisReply *fields = entry->element[1];
    const char *values[3] = {"", "", ""};

    for (size_t i = 0; i + 1 < fields->elements; i += 2)
        for (size_t k = 0; k < 3; k++)
            if (strcmp(fields->element[i]->str, names[k]) == 0)
                values[k] = fields->element[i + 1]->str;
    free(listener->cursor);
    listener->cursor = xstrdup(entry->element[0]->str);
    collect_event(listener->ledger,
                  &(struct collect_event){LEDGER_STREAM, values[0], values[1], values[2],
                                          strtoll(listener->cursor, NULL, 10)});
    listener->fn(values[0], values[1], values[2], listener->arg);
}

static void take_entries(struct listener *listener, const redisReply *reply)
{
    listener->idle = reply->type == REDIS_REPLY_NIL;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        return;
    const redisReply *entries = reply->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++)
        take_entry(listener, entries->element[i]);
}

static void follow_stream(struct listener *listener)
{
    redisReply *reply;

    if (!connection_open(&listener->stream))
        return;
    if (!listener->asked)
        connection_send(&listener->stream, "XREAD COUNT 1000 STREAMS %s %s", "reelq:events",
                        listener->cursor);
    enum connection_result result = connection_take(&listener->stream, &reply);
    listener->asked = result == CONNECTION_NOTHING;
    if (result != CONNECTION_REPLY)
        return;
    take_entries(listener, reply);
    freeReplyObject(reply);
}

/* --- the channels ----------------------------------------------------------------------------- */

static void subscribe(struct listener *listener)
{
    if (listener->channels.context != NULL)
        return;
    if (connection_open(&listener->channels))
        connection_send(&listener->channels, "SUBSCRIBE reelq:ready reelq:failed reelq:batch");
}

static void on_loss(struct listener *listener)
{
    if (listener->deaf_since_ms == 0) {
        listener->deaf_since_ms = clock_wall_ms() - BEFORE_LOSS_MS;
        listener->losses += listener->subscriptions > 0;
    }
    listener->subscriptions = 0;
}

/* ["subscribe", CHANNEL, N] three times, then ["message", CHANNEL, JSON]. */
static void take_message(struct listener *listener, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
        return;
    if (strcmp(reply->element[0]->str, "message") != 0) {
        if (++listener->subscriptions == CHANNELS && listener->deaf_since_ms > 0) {
            ledger_add_gap(listener->ledger, listener->deaf_since_ms, clock_wall_ms());
            listener->deaf_since_ms = 0;
        }
        return;
    }
    const char *json = reply->element[2]->str;
    char *id = collect_text(json, "id");
    collect_event(listener->ledger,
                  &(struct collect_event){LEDGER_HEARD, strrchr(reply->element[1]->str, ':') + 1,
                                          id, json, clock_wall_ms()});
    free(id);
}

static void follow_channels(struct listener *listener)
{
    enum connection_result result;
    redisReply *reply;

    subscribe(listener);
    while ((result = connection_take(&listener->channels, &reply)) == CONNECTION_REPLY) {
        take_message(listener, reply);
        freeReplyObject(reply);
    }
    if (result == CONNECTION_LOST)
        on_loss(listener);
}

void listener_tick(struct listener *listener)
{
    follow_channels(listener);
    follow_stream(listener);
}

bool listener_is_idle(const struct listener *listener)
{
    return listener->idle && listener->subscriptions == CHANNELS;
}

unsigned listener_losses(const struct listener *listener)
{
    return listener->losses;
}
