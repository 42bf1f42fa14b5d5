/* Two uploads in one batch, with two indexes and with one; an upload that fails for good; one that
 * fails twice, is out of attempts, and is ready when it is run again; and a mistake.
 *
 * The one that is run again may lose one attempt to the fault without another end: it has two, and
 * its file can be downloaded from the third call on that the API accepts. */
#include "fault/scenario.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

const struct scenario_task scenario_tasks[SCENARIO_TASKS] = {
    {"one", "ready", 1, 0, 0, 1,
     "\"indexes\":{\"spoken_words\":{\"state\":\"done\"},\"scenes\":{\"state\":\"done\","},
    {"one/spoken_words", "ready", 0, 0, 1, 1, NULL},
    {"one/scenes", "ready", 0, 0, 1, 1, NULL},
    {"two", "ready", 1, 0, 0, 1, "\"indexes\":{\"spoken_words\":{\"state\":\"done\"}}"},
    {"two/spoken_words", "ready", 0, 0, 1, 1, NULL},
    {"lost", "failed", 0, 1, 0, 1, "Match media_type to the file."},
    {"again", "ready", 1, 1, 0, 3, NULL},
    {"typo", "failed", 0, 1, 0, 0, "\\\"ulr\\\""},
};

const struct scenario_wait scenario_waits[] = {
    {"failed", "typo", false, false}, {"failed", "again", false, true},
    {"failed", "lost", false, false}, {"batch", SCENARIO_BATCH, true, false},
    {"ready", "again", false, false}, {NULL, NULL, false, false},
};

void scenario_id(char id[SCENARIO_ID_SIZE], const char *prefix, const char *task)
{
    (void)snprintf(id, SCENARIO_ID_SIZE, "%s%s", prefix, task);
}

static void push(struct redis_server *redis, char *item)
{
    (void)redis_server_integer(redis, "LPUSH reelq:tasks %s", item);
    free(item);
}

void scenario_submit_first(struct redis_server *redis, const char *prefix)
{
    push(redis, xasprintf("{\"type\":\"batch\",\"id\":\"" SCENARIO_BATCH "\",\"tasks\":["
                          "{\"id\":\"%sone\",\"url\":\"https://e.com/1.mp4\","
                          "\"index\":[\"spoken_words\",\"scenes\"]},"
                          "{\"id\":\"%stwo\",\"url\":\"https://e.com/2.mp4\"}]}",
                          prefix, prefix));
}

void scenario_submit_rest(struct redis_server *redis, const char *prefix)
{
    push(redis,
         xasprintf("{\"id\":\"%slost\",\"url\":\"https://e.com/invalid-media.mp4\"}", prefix));
    push(redis, xasprintf("{\"id\":\"%sagain\",\"url\":\"https://e.com/%s/download-flaky-2.mp4\","
                          "\"index\":[],\"max_attempts\":2}",
                          prefix, prefix));
    push(redis, xasprintf("{\"id\":\"%stypo\",\"ulr\":\"https://e.com/3.mp4\"}", prefix));
}
