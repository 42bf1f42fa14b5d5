#include "fault/audit.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "fault/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect_count(const struct audit *audit, const char *what, unsigned found,
                         unsigned expected)
{
    if (found != expected)
        buffer_add_format(audit->complaints, "%s: %u, not %u\n", what, found, expected);
}

static void expect_text(const struct audit *audit, const char *what, const char *found,
                        const char *expected)
{
    if (found == NULL || strcmp(found, expected) != 0)
        buffer_add_format(audit->complaints, "%s: '%s', not '%s'\n", what,
                          found != NULL ? found : "", expected);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* What may be there when nothing is under way; those that expire have a ':' at their end. */
static const char *const staying[] = {
    "reelq:dead",    "reelq:events",  "reelq:seq",     "reelq:callback-secret",
    "reelq:workers", "reelq:pulse",   "reelq:task:",   "reelq:batch:",
    "reelq:video:",  "reelq:worker:", "reelq:batches",
};

static const char *find_staying(const char *key)
{
    for (size_t i = 0; i < COUNT(staying); i++) {
        size_t length = strlen(staying[i]);
        bool group = staying[i][length - 1] == ':';
        if (group ? strncmp(key, staying[i], length) == 0 : strcmp(key, staying[i]) == 0)
            return staying[i];
    }
    return NULL;
}

static void check_key(const struct audit *audit, const char *key)
{
    const char *kind = find_staying(key);

    if (kind == NULL)
        buffer_add_format(audit->complaints, "the key %s is left\n", key);
    else if (kind[strlen(kind) - 1] == ':' &&
             redis_server_integer(audit->redis, "PTTL %s", key) < 0)
        buffer_add_format(audit->complaints, "%s does not expire\n", key);
}

static void check_keys(const struct audit *audit)
{
    struct redisReply *keys = redis_server_command(audit->redis, "KEYS *");
    unsigned records = 0;

    for (size_t i = 0; i < keys->elements; i++) {
        check_key(audit, keys->element[i]->str);
        records += strncmp(keys->element[i]->str, "reelq:task:", strlen("reelq:task:")) == 0;
    }
    expect_count(audit, "records", records, SCENARIO_TASKS);
    freeReplyObject(keys);
}

/* --- tasks ------------------------------------------------------------------------------------ */

static void check_record(const struct audit *audit, const struct scenario_task *task,
                         const char *id)
{
    struct redisReply *state = redis_server_command(audit->redis, "HGET reelq:task:%s state", id);
    bool dead = strcmp(task->state, "failed") == 0;
    struct redisReply *score = redis_server_command(audit->redis, "ZSCORE reelq:dead %s", id);

    expect_text(audit, id, state->str, task->state);
    if (dead != (score->type == REDIS_REPLY_STRING))
        buffer_add_format(audit->complaints, "%s: %s among the dead\n", id, dead ? "not" : "is");
    freeReplyObject(state);
    freeReplyObject(score);
}

static void check_event(const struct audit *audit, const char *event, const char *id,
                        unsigned expected)
{
    char *what = xasprintf("events %s of %s", event, id);

    expect_count(audit, what, witness_events(audit->witness, event, id), expected);
    free(what);
}

static void check_messages(const struct audit *audit, const struct scenario_task *task,
                           const char *id)
{
    check_event(audit, "ready", id, task->ready);
    check_event(audit, "failed", id, task->failed);
    check_event(audit, "indexed", id, task->indexed);
    const char *said = witness_event(audit->witness, task->state, id, 1, 0);
    if (task->says != NULL && (said == NULL || strstr(said, task->says) == NULL))
        buffer_add_format(audit->complaints, "%s: no %s in %s\n", id, task->says,
                          said != NULL ? said : "nothing");
}

/* --- the API ---------------------------------------------------------------------------------- */

static unsigned lines_with(const char *text, const char *one, const char *other)
{
    unsigned found = 0;

    while (*text != '\0') {
        char *line = slice_copy(slice_make(text, strcspn(text, "\n")));
        found += strstr(line, one) != NULL && strstr(line, other) != NULL;
        text += strlen(line);
        text += *text == '\n';
        free(line);
    }
    return found;
}

/* The callback URL names the task: "id=PARENT%2FLABEL&n=". */
static void check_calls(const struct audit *audit, const struct scenario_task *task, const char *id)
{
    const char *slash = strchr(id, '/');
    int parent = slash != NULL ? (int)(slash - id) : (int)strlen(id);
    char *mark = xasprintf("/webhooks/%s?id=%.*s%s%s&n=", slash != NULL ? "index" : "upload",
                           parent, id, slash != NULL ? "%2F" : "", slash != NULL ? slash + 1 : "");
    char *what = xasprintf("calls accepted of %s", id);

    expect_count(audit, what, lines_with(audit->journal, mark, "\"op\":\""), task->calls);
    free(mark);
    free(what);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void check_batch(const struct audit *audit)
{
    struct redisReply *counts = redis_server_command(
        audit->redis, "HMGET reelq:batch:%s total members ready failed", SCENARIO_BATCH);
    static const char *const expected[] = {"2", "2", "2", NULL};

    for (size_t i = 0; i + 1 < COUNT(expected); i++)
        expect_text(audit, "a count of the batch", counts->element[i]->str, expected[i]);
    if (counts->element[3]->str != NULL)
        expect_text(audit, "failed of the batch", counts->element[3]->str, "0");
    freeReplyObject(counts);
    check_event(audit, "batch", SCENARIO_BATCH, 1);
    expect_text(
        audit, "the batch's message", witness_event(audit->witness, "batch", SCENARIO_BATCH, 1, 0),
        "{\"event\":\"batch\",\"id\":\"" SCENARIO_BATCH "\",\"total\":2,\"ready\":2,\"failed\":0}");
}

static void check_whole_stream(const struct audit *audit)
{
    unsigned messages = 1, calls = 0;

    for (size_t i = 0; i < SCENARIO_TASKS; i++) {
        messages += scenario_tasks[i].ready + scenario_tasks[i].failed;
        calls += scenario_tasks[i].calls;
    }
    expect_count(audit, "messages of all", witness_messages(audit->witness, NULL, NULL), messages);
    expect_count(audit, "duplicates", witness_events(audit->witness, "duplicate", NULL), 0);
    expect_count(audit, "calls accepted in all", lines_with(audit->journal, "\"op\":", ""), calls);
    if (!witness_agrees(audit->witness))
        buffer_add_text(audit->complaints, "stream and channels differ\n");
}

void audit_all(const struct audit *audit)
{
    char id[SCENARIO_ID_SIZE];

    for (size_t i = 0; i < SCENARIO_TASKS; i++) {
        const struct scenario_task *task = &scenario_tasks[i];
        scenario_id(id, audit->prefix, task->id);
        check_record(audit, task, id);
        check_messages(audit, task, id);
        check_calls(audit, task, id);
    }
    check_batch(audit);
    check_whole_stream(audit);
    check_keys(audit);
}
