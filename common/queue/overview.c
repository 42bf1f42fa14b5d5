#include "queue/overview.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

/* Of the reply, in its order; behind the numbers the places, the sets, and two texts. */
enum { AT_NOW, AT_PAUSE, AT_INTERVAL, AT_PLACES, AT_SETS = AT_PLACES + OVERVIEW_PLACES };
enum { AT_NEXT_TASK = AT_SETS + OVERVIEW_SETS, AT_NEXT_CALLBACK, AT_END };

/* --- by commands ------------------------------------------------------------------------------ */

static const struct {
    const char *name, *command;
    size_t keys[2]; /* offsets in struct keys; the second 0: none */
} places[OVERVIEW_PLACES] = {
#define KEY(name) offsetof(struct keys, name)
    [OVERVIEW_TASKS] = {"tasks", "LLEN", {KEY(tasks), KEY(tasks_landing)}},
    [OVERVIEW_CALLBACKS] = {"callbacks", "LLEN", {KEY(callbacks), KEY(callbacks_landing)}},
    [OVERVIEW_QUESTIONS] = {"questions", "LLEN", {KEY(questions), 0}},
    [OVERVIEW_TAKEN] = {"taken", "ZCARD", {KEY(tasks_taken), 0}},
    [OVERVIEW_CALLBACKS_TAKEN] = {"callbacks_taken", "ZCARD", {KEY(callbacks_taken), 0}},
    [OVERVIEW_RUNNING] = {"running", "ZCARD", {KEY(running), 0}},
    [OVERVIEW_AWAITING] = {"awaiting", "ZCARD", {KEY(awaiting), 0}},
    [OVERVIEW_DELAYED] = {"delayed", "ZCARD", {KEY(delayed), 0}},
    [OVERVIEW_DEAD] = {"dead", "ZCARD", {KEY(dead), 0}},
#undef KEY
};

const char *overview_name(enum overview_place place)
{
    return places[place].name;
}

bool overview_command(const struct keys *keys, enum overview_place place, int part,
                      const char *words[2])
{
    size_t offset = places[place].keys[part];

    if (part > 0 && offset == 0)
        return false;
    words[0] = places[place].command;
    words[1] = *(char *const *)(const void *)((const char *)keys + offset);
    return true;
}

/* --- by a script ------------------------------------------------------------------------------ */

struct pending {
    overview_fn fn;
    void *arg;
};

static bool is_text(const struct redisReply *reply, int at)
{
    return reply->element[at]->type == REDIS_REPLY_STRING;
}

static bool is_whole(const struct redisReply *reply)
{
    bool whole =
        reply != NULL && reply->type == REDIS_REPLY_ARRAY && (int)reply->elements == AT_END;

    for (int i = AT_SETS; whole && i < AT_END; i++)
        whole = is_text(reply, i);
    return whole && is_text(reply, AT_INTERVAL);
}

static int64_t since_ms(int64_t now_ms, int64_t at_ms)
{
    return at_ms > 0 && at_ms < now_ms ? now_ms - at_ms : 0;
}

/* Only the beginning of the envelope is here, so it cannot be read as JSON; nothing that stands
 * before the time in it can hold these bytes. */
int64_t overview_received_at_ms(const char *envelope)
{
    static const char key[] = "\"received_at\":";
    const char *at = strstr(envelope, key);

    return at != NULL ? strtoll(at + strlen(key), NULL, 10) : 0;
}

static void read_reply(struct overview *overview, const struct redisReply *reply)
{
    struct redisReply *const *element = reply->element;

    overview->now_ms = element[AT_NOW]->integer;
    overview->pause_ms = element[AT_PAUSE]->integer;
    overview->interval_ms = strtod(element[AT_INTERVAL]->str, NULL);
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        overview->items[i] = element[AT_PLACES + i]->integer;
    for (int i = 0; i < OVERVIEW_SETS; i++)
        overview->overdue_ms[i] =
            since_ms(overview->now_ms, (int64_t)strtod(element[AT_SETS + i]->str, NULL));
    overview->next_task = slice_make(element[AT_NEXT_TASK]->str, element[AT_NEXT_TASK]->len);
    overview->callback_age_ms =
        since_ms(overview->now_ms, overview_received_at_ms(element[AT_NEXT_CALLBACK]->str));
}

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct pending pending = *(struct pending *)arg;
    struct overview overview = {0};
    bool whole = is_whole(reply);

    free(arg);
    if (whole)
        read_reply(&overview, reply);
    pending.fn(whole ? &overview : NULL, pending.arg);
}

void overview_read(struct queue *queue, overview_fn fn, void *arg)
{
    const struct keys *keys = &queue->keys;
    const char *const all[] = {keys->tasks,
                               keys->tasks_landing,
                               keys->callbacks,
                               keys->callbacks_landing,
                               keys->questions,
                               keys->tasks_taken,
                               keys->callbacks_taken,
                               keys->running,
                               keys->awaiting,
                               keys->delayed,
                               keys->dead,
                               keys->pause,
                               keys->pace};
    struct script_call *call = script_call_new(SCRIPT_overview);
    struct pending *pending = xcalloc(1, sizeof(*pending));

    *pending = (struct pending){fn, arg};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        script_call_key(call, all[i]);
    scripts_send(queue->scripts, call, on_reply, pending);
}
