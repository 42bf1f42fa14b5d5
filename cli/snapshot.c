/* snapshot_take -> ask, read counts -> ask again, for what the answers name -> read workers, oldest
 */
#include "cli/snapshot.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "base/xalloc.h"

/* The oldest is looked for among so many of each set, those whose turn is next: what it costs does
 * not grow with the sets. */
enum { LOOKED_AT = 100, HOUR_MS = 3600000 };

/* The ids that the second round asks about. */
struct names {
    size_t count;
    char names[3 * LOOKED_AT + SNAPSHOT_MAX_WORKERS][KEYS_MAX_TASK_ID + 1];
};

static void keep_name(struct names *names, struct slice name)
{
    (void)snprintf(names->names[names->count++], sizeof(names->names[0]), "%.*s",
                   SLICE_ARGS(slice_head(name, KEYS_MAX_TASK_ID)));
}

/* --- first round ------------------------------------------------------------------------------ */

static void ask_counts(struct client *client, const struct keys *keys)
{
    const char *words[2];

    for (int i = 0; i < OVERVIEW_PLACES; i++)
        for (int part = 0; part < 2; part++)
            if (overview_command(keys, (enum overview_place)i, part, words))
                client_queue_words(client, 2, words);
}

static void ask(struct client *client, const struct keys *keys)
{
    const char *const sets[] = {keys->running, keys->awaiting, keys->delayed};

    ask_counts(client, keys);
    client_queue(client, "GET %s", keys->pause);
    client_queue(client, "HMGET %s interval", keys->pace);
    client_queue(client, "ZREVRANGE %s 0 %d", keys->workers, SNAPSHOT_MAX_WORKERS - 1);
    for (size_t i = 0; i < 3; i++)
        client_queue(client, "ZRANGE %s 0 %d", sets[i], LOOKED_AT - 1);
}

static bool read_counts(struct session *session, struct snapshot *snapshot)
{
    const char *words[2];

    for (int i = 0; i < OVERVIEW_PLACES; i++)
        for (int part = 0; part < 2; part++) {
            if (!overview_command(&session->keys, (enum overview_place)i, part, words))
                continue;
            struct redisReply *reply = client_next(session->client);
            if (reply == NULL)
                return false;
            snapshot->counts[i] += client_integer(reply);
        }
    return true;
}

static bool read_pause(struct client *client, struct snapshot *snapshot)
{
    struct redisReply *pause = client_next(client),
                      *pace = pause != NULL ? client_next(client) : NULL;

    if (pace != NULL) {
        uint64_t until = 0;
        if (pause->type == REDIS_REPLY_STRING &&
            slice_to_u64(slice_make(pause->str, pause->len), &until) &&
            (int64_t)until > snapshot->now_ms)
            snapshot->paused_until_ms = (int64_t)until;
        if (client_text(pace, 0).length > 0)
            snapshot->pace_ms = strtod(client_text(pace, 0).data, NULL);
    }
    freeReplyObject(pause);
    freeReplyObject(pace);
    return pace != NULL;
}

static bool read_names(struct client *client, struct names *names)
{
    struct redisReply *reply = client_next(client);

    if (reply == NULL)
        return false;
    for (size_t i = 0; i < reply->elements; i++)
        keep_name(names, client_text(reply, i));
    freeReplyObject(reply);
    return true;
}

/* --- second round ----------------------------------------------------------------------------- */

static void ask_of(struct session *session, const struct names *names, size_t workers)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->names[i], *prefix = session->keys.prefix;
        if (i < workers)
            client_queue(session->client,
                         "HMGET %sworker:%s runs started_at version seen_at "
                         "concurrency ready failed memory api",
                         prefix, name);
        else
            client_queue(session->client, "HMGET %stask:%s submitted_at", prefix, name);
    }
}

static int64_t number_at(const struct redisReply *reply, size_t i)
{
    uint64_t value = 0;

    (void)slice_to_u64(client_text(reply, i), &value);
    return (int64_t)value;
}

static int64_t number_or_unknown(const struct redisReply *reply, size_t i)
{
    return client_text(reply, i).length > 0 ? number_at(reply, i) : -1;
}

static void read_worker(struct snapshot *snapshot, const char *name, const struct redisReply *reply)
{
    struct snapshot_worker *worker = &snapshot->workers[snapshot->worker_count];

    if (snapshot->now_ms - number_at(reply, 3) > HOUR_MS)
        return;
    snapshot->worker_count++;
    *worker = (struct snapshot_worker){.runs = number_at(reply, 0),
                                       .started_at_ms = number_at(reply, 1),
                                       .seen_at_ms = number_at(reply, 3),
                                       .concurrency = number_or_unknown(reply, 4),
                                       .ready = number_or_unknown(reply, 5),
                                       .failed = number_or_unknown(reply, 6),
                                       .memory = number_or_unknown(reply, 7)};
    worker->gone = snapshot->now_ms - worker->seen_at_ms > SNAPSHOT_GONE_MS;
    (void)snprintf(worker->name, sizeof(worker->name), "%s", name);
    (void)snprintf(worker->version, sizeof(worker->version), "%.*s",
                   SLICE_ARGS(slice_head(client_text(reply, 2), sizeof(worker->version) - 1)));
    (void)snprintf(worker->trouble, sizeof(worker->trouble), "%.*s",
                   SLICE_ARGS(utf8_head(client_text(reply, 8), sizeof(worker->trouble) - 1)));
}

static void read_task(struct snapshot *snapshot, const char *id, const struct redisReply *reply)
{
    int64_t at = number_at(reply, 0);

    if (at == 0 || (snapshot->oldest_at_ms != 0 && at >= snapshot->oldest_at_ms))
        return;
    snapshot->oldest_at_ms = at;
    (void)snprintf(snapshot->oldest, sizeof(snapshot->oldest), "%s", id);
}

static bool read_of(struct session *session, struct snapshot *snapshot, const struct names *names,
                    size_t workers)
{
    for (size_t i = 0; i < names->count; i++) {
        struct redisReply *reply = client_next(session->client);
        if (reply == NULL)
            return false;
        (i < workers ? read_worker : read_task)(snapshot, names->names[i], reply);
        freeReplyObject(reply);
    }
    return true;
}

static bool take(struct session *session, struct snapshot *snapshot, struct names *names)
{
    struct client *client = session->client;

    ask(client, &session->keys);
    if (!read_counts(session, snapshot) || !read_pause(client, snapshot) ||
        !read_names(client, names))
        return false;
    size_t workers = names->count;
    for (size_t i = 0; i < 3; i++)
        if (!read_names(client, names))
            return false;
    ask_of(session, names, workers);
    return read_of(session, snapshot, names, workers);
}

bool snapshot_take(struct session *session, struct snapshot *snapshot)
{
    struct names *names = xcalloc(1, sizeof(*names));

    *snapshot = (struct snapshot){.now_ms = session_now(session)};
    bool taken = snapshot->now_ms >= 0 && take(session, snapshot, names);
    free(names);
    return taken;
}

const struct snapshot_worker *snapshot_trouble(const struct snapshot *snapshot, size_t *count)
{
    const struct snapshot_worker *first = NULL;

    *count = 0;
    for (size_t i = 0; i < snapshot->worker_count; i++) {
        const struct snapshot_worker *worker = &snapshot->workers[i];
        if (worker->gone || worker->trouble[0] == '\0')
            continue;
        first = first != NULL ? first : worker;
        ++*count;
    }
    return first;
}
