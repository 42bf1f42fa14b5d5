/* Is Redis as docs/operations.md wants it, and does somebody work? */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/examination.h"

/* The value of a line "NAME:VALUE" of INFO, to be freed; NULL: it is not there. */
static char *info(const struct examination *examination, const char *name)
{
    char *start = xasprintf("\n%s:", name);
    const char *line = strstr(examination->info, start);
    char *value =
        line != NULL
            ? slice_copy(slice_make(line + strlen(start), strcspn(line + strlen(start), "\r\n")))
            : NULL;

    free(start);
    return value;
}

static void check_version(struct examination *examination)
{
    char *version = info(examination, "redis_version");
    unsigned long major = 0, minor = 0;
    char *rest = NULL;

    if (version == NULL)
        return;
    major = strtoul(version, &rest, 10);
    minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
    if (major < 6 || (major == 6 && minor < 2))
        examination_say(examination, VERDICT_FAIL, "reelq needs 6.2 or later, or Valkey",
                        "Redis %s", version);
    else if (major < 7)
        examination_say(examination, VERDICT_WARN,
                        "7 or later still empties its queues when it is full", "Redis %s", version);
    else
        examination_say(examination, VERDICT_OK, NULL, "Redis %s", version);
    free(version);
}

static void check_policy(struct examination *examination)
{
    char *policy = info(examination, "maxmemory_policy");

    if (policy == NULL)
        return;
    bool good = strcmp(policy, "noeviction") == 0;
    examination_say(examination, good ? VERDICT_OK : VERDICT_FAIL,
                    good ? NULL : "set noeviction, or Redis may drop tasks that wait",
                    "maxmemory-policy %s", policy);
    free(policy);
}

static void check_aof(struct examination *examination)
{
    char *enabled = info(examination, "aof_enabled");

    if (enabled == NULL)
        return;
    bool good = strcmp(enabled, "1") == 0;
    examination_say(examination, good ? VERDICT_OK : VERDICT_WARN,
                    good ? NULL : "set appendonly yes, or a crash of Redis loses what was pushed",
                    "appendonly %s", good ? "yes" : "no");
    free(enabled);
}

static void check_memory(struct examination *examination)
{
    char *used = info(examination, "used_memory"), *most = info(examination, "maxmemory");

    if (used != NULL && most != NULL) {
        double limit = strtod(most, NULL), share = limit > 0 ? strtod(used, NULL) / limit : 0;
        if (limit <= 0)
            examination_say(examination, VERDICT_OK, NULL, "%.0f MiB are used",
                            strtod(used, NULL) / (1 << 20));
        else
            examination_say(
                examination, share < 0.8 ? VERDICT_OK : VERDICT_WARN,
                share < 0.8
                    ? NULL
                    : "a full Redis refuses tasks: raise maxmemory, or lower REELQ_RETENTION",
                "%.0f %% of maxmemory is used", 100 * share);
    }
    free(used);
    free(most);
}

static void check_clock(struct examination *examination)
{
    int64_t ms = clock_wall_ms() - examination->snapshot.now_ms;
    bool good = ms > -5000 && ms < 5000;

    examination_say(examination, good ? VERDICT_OK : VERDICT_WARN,
                    good ? NULL
                         : "let both keep time by NTP; callback URLs expire by the clock of Redis",
                    "the clock of Redis differs from this machine's by %lld ms",
                    (long long)(ms < 0 ? -ms : ms));
}

static void check_workers(struct examination *examination)
{
    const struct snapshot *snapshot = &examination->snapshot;
    size_t up = 0;

    for (size_t i = 0; i < snapshot->worker_count; i++)
        up += !snapshot->workers[i].gone;
    examination_say(examination, up > 0 ? VERDICT_OK : VERDICT_FAIL,
                    up > 0 ? NULL : "start reelq-worker with this REELQ_REDIS_URL and REELQ_PREFIX",
                    "%zu worker%s up", up, up == 1 ? " is" : "s are");
    size_t troubled;
    const struct snapshot_worker *first = snapshot_trouble(snapshot, &troubled);
    if (first != NULL)
        examination_say(examination, VERDICT_FAIL,
                        "repair that; no task is lost, and the workers go on by themselves",
                        "%zu of them: %s", troubled, first->trouble);
    if (snapshot->paused_until_ms != 0)
        examination_say(examination, VERDICT_WARN,
                        "VideoDB has said 429, or somebody reelq pause; reelq resume ends it",
                        "the workers are paused");
}

static void check_dead(struct examination *examination)
{
    long long dead = (long long)examination->snapshot.counts[OVERVIEW_DEAD];

    examination_say(examination, dead > 0 ? VERDICT_WARN : VERDICT_OK,
                    dead > 0 ? "reelq dead says of what, reelq dead retry --all runs them again"
                             : NULL,
                    "%lld tasks have failed", dead);
}

void doctor_check_redis(struct examination *examination)
{
    check_version(examination);
    check_policy(examination);
    check_aof(examination);
    check_memory(examination);
    check_clock(examination);
    check_workers(examination);
    check_dead(examination);
}
