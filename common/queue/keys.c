#include "queue/keys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"

static const struct {
    size_t offset;
    const char *name;
} fixed[] = {
    {offsetof(struct keys, prefix), ""},
    {offsetof(struct keys, tasks), "tasks"},
    {offsetof(struct keys, tasks_landing), "tasks:landing"},
    {offsetof(struct keys, tasks_taken), "taken"},
    {offsetof(struct keys, questions), "questions"},
    {offsetof(struct keys, callbacks), "callbacks"},
    {offsetof(struct keys, callbacks_landing), "callbacks:landing"},
    {offsetof(struct keys, callbacks_taken), "callbacks:taken"},
    {offsetof(struct keys, running), "running"},
    {offsetof(struct keys, awaiting), "awaiting"},
    {offsetof(struct keys, delayed), "delayed"},
    {offsetof(struct keys, dead), "dead"},
    {offsetof(struct keys, events), "events"},
    {offsetof(struct keys, seq), "seq"},
    {offsetof(struct keys, pause), "pause"},
    {offsetof(struct keys, pulse), "pulse"},
    {offsetof(struct keys, pace), "pace"},
    {offsetof(struct keys, workers), "workers"},
    {offsetof(struct keys, batches), "batches"},
    {offsetof(struct keys, callback_secret), "callback-secret"},
    {offsetof(struct keys, probe), "probe"},
};

static char **member(struct keys *keys, size_t i)
{
    return (char **)(void *)((char *)keys + fixed[i].offset);
}

void keys_init(struct keys *keys, const char *prefix)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        *member(keys, i) = xasprintf("%s%s", prefix, fixed[i].name);
}

void keys_clear(struct keys *keys)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        free(*member(keys, i));
        *member(keys, i) = NULL;
    }
}

char *keys_of(const struct keys *keys, const char *kind, struct slice name)
{
    struct buffer key = BUFFER(SIZE_MAX / 4);

    buffer_add_text(&key, keys->prefix);
    buffer_add_text(&key, kind);
    buffer_add_char(&key, ':');
    buffer_add_slice(&key, name);
    return buffer_take(&key);
}

char *keys_new_id(const char *prefix)
{
    uint64_t random;

    clock_random(&random, sizeof(random));
    return xasprintf("%s-%016" PRIx64, prefix, random);
}

static bool made_of(struct slice id, const char *extra, size_t max)
{
    if (id.length == 0 || id.length > max)
        return false;
    for (size_t i = 0; i < id.length; i++) {
        char c = id.data[i];
        if (!slice_is_alnum(c) && (c == '\0' || strchr(extra, c) == NULL))
            return false;
    }
    return true;
}

bool keys_valid_id(struct slice id)
{
    return made_of(id, "_-.:", KEYS_MAX_ID);
}

bool keys_valid_task_id(struct slice id)
{
    return made_of(id, "_-.:/", KEYS_MAX_TASK_ID);
}
