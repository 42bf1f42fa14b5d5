/* Two connections: XREAD BLOCK on one, SUBSCRIBE on the other. A PING on the second is answered
 * after everything that was published before, so nothing has to be waited for in vain. */
#include "e2e/witness.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/redis_users.h"

enum { MAX_TEXT = 64 << 20 };

struct entry {
    char *event, *id, *json;
};

struct entries {
    struct entry *items;
    size_t count;
};

struct witness {
    char *path;
    const char *user;
    redisContext *stream, *channel;
    char *cursor;
    struct entries seen, heard;
};

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "witness: %s: %s\n", what, detail);
    abort();
}

/* --- entries ---------------------------------------------------------------------------------- */

static void add(struct entries *entries, const char *event, const char *id, const char *json)
{
    entries->items = xrealloc(entries->items, entries->count + 1, sizeof(*entries->items));
    entries->items[entries->count++] = (struct entry){xstrdup(event), xstrdup(id), xstrdup(json)};
}

static void clear(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->items[i].event);
        free(entries->items[i].id);
        free(entries->items[i].json);
    }
    free(entries->items);
}

static bool matches(const struct entry *entry, const char *event, const char *id)
{
    return (event == NULL || strcmp(entry->event, event) == 0) &&
           (id == NULL || strcmp(entry->id, id) == 0);
}

static const struct entry *find_nth(const struct entries *entries, const char *event,
                                    const char *id, unsigned number)
{
    for (size_t i = 0; i < entries->count; i++)
        if (matches(&entries->items[i], event, id) && --number == 0)
            return &entries->items[i];
    return NULL;
}

static unsigned count(const struct entries *entries, const char *event, const char *id)
{
    unsigned found = 0;

    for (size_t i = 0; i < entries->count; i++)
        found += matches(&entries->items[i], event, id);
    return found;
}

/* --- connections ------------------------------------------------------------------------------ */

static void subscribe(struct witness *witness)
{
    redisReply *reply;

    witness->channel = redis_users_dial(witness->path, witness->user);
    (void)redisAppendCommand(witness->channel, "SUBSCRIBE reelq:ready reelq:failed reelq:batch");
    for (int i = 0; i < 3; i++) {
        if (redisGetReply(witness->channel, (void **)&reply) != REDIS_OK)
            fail("SUBSCRIBE", witness->channel->errstr);
        freeReplyObject(reply);
    }
}

/* The server was restarted: what was heard and seen stays. */
static void dial_again(struct witness *witness)
{
    redisFree(witness->stream);
    redisFree(witness->channel);
    witness->stream = redis_users_dial(witness->path, witness->user);
    subscribe(witness);
}

struct witness *witness_new(const char *path, const char *user)
{
    struct witness *witness = xcalloc(1, sizeof(*witness));

    (void)signal(SIGPIPE, SIG_IGN); /* hiredis writes to a server that was killed */
    witness->path = xstrdup(path);
    witness->cursor = xstrdup("0");
    witness->user = user;
    witness->stream = redis_users_dial(path, user);
    subscribe(witness);
    return witness;
}

void witness_free(struct witness *witness)
{
    if (witness == NULL)
        return;
    redisFree(witness->stream);
    redisFree(witness->channel);
    clear(&witness->seen);
    clear(&witness->heard);
    free(witness->cursor);
    free(witness->path);
    free(witness);
}

/* --- the stream ------------------------------------------------------------------------------- */

/* [ID, [event, E, id, I, json, J]] */
static void take_entry(struct witness *witness, const redisReply *entry)
{
    const redisReply *fields = entry->element[1];
    const char *values[3] = {NULL};
    static const char *const names[] = {"event", "id", "json"};

    for (size_t i = 0; i + 1 < fields->elements; i += 2)
        for (size_t k = 0; k < 3; k++)
            if (strcmp(fields->element[i]->str, names[k]) == 0)
                values[k] = fields->element[i + 1]->str;
    if (values[0] == NULL || values[1] == NULL || values[2] == NULL)
        fail("stream entry without event, id and json", entry->element[0]->str);
    add(&witness->seen, values[0], values[1], values[2]);
    free(witness->cursor);
    witness->cursor = xstrdup(entry->element[0]->str);
}

/* Waits for more entries, `ms` at most; 0: only those that are there. */
static void read_stream(struct witness *witness, int64_t ms)
{
    redisReply *reply =
        ms > 0 ? redisCommand(witness->stream, "XREAD COUNT 1000 BLOCK %lld STREAMS %s %s",
                              (long long)ms, "reelq:events", witness->cursor)
               : redisCommand(witness->stream, "XREAD COUNT 100000 STREAMS %s %s", "reelq:events",
                              witness->cursor);

    if (reply == NULL) {
        dial_again(witness);
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "LOADING", 7) != 0)
        fail("XREAD", reply->str);
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        const redisReply *entries = reply->element[0]->element[1];
        for (size_t i = 0; i < entries->elements; i++)
            take_entry(witness, entries->element[i]);
    }
    freeReplyObject(reply);
}

const char *witness_event(struct witness *witness, const char *event, const char *id, unsigned nth,
                          int64_t ms)
{
    int64_t end_ms = clock_monotonic_ms() + ms;
    const struct entry *found = find_nth(&witness->seen, event, id, nth);

    while (found == NULL && clock_monotonic_ms() < end_ms) {
        read_stream(witness, end_ms - clock_monotonic_ms());
        found = find_nth(&witness->seen, event, id, nth);
    }
    return found != NULL ? found->json : NULL;
}

unsigned witness_events(struct witness *witness, const char *event, const char *id)
{
    read_stream(witness, 0);
    return count(&witness->seen, event, id);
}

/* --- the channels ----------------------------------------------------------------------------- */

/* The text of `"KEY":"..."` at its first place; ids and events hold no escapes. */
static char *member(const char *json, const char *key)
{
    char *mark = xasprintf("\"%s\":\"", key);
    const char *at = strstr(json, mark);
    const char *start = at != NULL ? at + strlen(mark) : "";

    free(mark);
    return slice_copy(slice_make(start, strcspn(start, "\"")));
}

/* ["message", CHANNEL, JSON]; true for the answer to PING. */
static bool take_message(struct witness *witness, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
        return true;
    const char *json = reply->element[2]->str;
    char *id = member(json, "id");
    add(&witness->heard, strrchr(reply->element[1]->str, ':') + 1, id, json);
    free(id);
    return false;
}

static void read_channels(struct witness *witness)
{
    redisReply *reply;
    bool last = false;

    (void)redisAppendCommand(witness->channel, "PING");
    while (!last) {
        if (redisGetReply(witness->channel, (void **)&reply) != REDIS_OK) {
            dial_again(witness);
            return;
        }
        last = take_message(witness, reply);
        freeReplyObject(reply);
    }
}

unsigned witness_messages(struct witness *witness, const char *channel, const char *id)
{
    read_channels(witness);
    return count(&witness->heard, channel, id);
}

/* --- reports ---------------------------------------------------------------------------------- */

static char *join(struct witness *witness, const char *event, const char *id)
{
    struct buffer out = BUFFER(MAX_TEXT);

    read_stream(witness, 0);
    for (size_t i = 0; i < witness->seen.count; i++) {
        const struct entry *entry = &witness->seen.items[i];
        if (matches(entry, event, id))
            buffer_add_format(&out, "%s%s", out.length > 0 ? " " : "",
                              id != NULL ? entry->event : entry->id);
    }
    buffer_add_text(&out, "");
    return buffer_take(&out);
}

char *witness_steps(struct witness *witness, const char *id)
{
    return join(witness, NULL, id);
}

char *witness_ids(struct witness *witness, const char *event)
{
    return join(witness, event, NULL);
}

static bool is_public(const struct entry *entry)
{
    return strcmp(entry->event, "ready") == 0 || strcmp(entry->event, "failed") == 0 ||
           strcmp(entry->event, "batch") == 0;
}

bool witness_agrees(struct witness *witness)
{
    size_t at = 0;

    read_channels(witness);
    read_stream(witness, 0);
    for (size_t i = 0; i < witness->seen.count; i++) {
        if (!is_public(&witness->seen.items[i]))
            continue;
        if (at == witness->heard.count ||
            strcmp(witness->seen.items[i].json, witness->heard.items[at].json) != 0)
            return false;
        at++;
    }
    return at == witness->heard.count;
}

char *witness_text(struct witness *witness)
{
    struct buffer out = BUFFER(MAX_TEXT);

    read_stream(witness, 0);
    for (size_t i = 0; i < witness->seen.count; i++)
        buffer_add_format(&out, "%s\n", witness->seen.items[i].json);
    buffer_add_text(&out, "");
    return buffer_take(&out);
}
