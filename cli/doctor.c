/* doctor - looks whether Redis is as docs/operations.md wants it, and somebody works. Each check is
 * a function that says one line or more. */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/snapshot.h"

static const struct option options[] = {{.name = NULL}};

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

static const struct {
    const char *name;
    enum ink ink;
} verdicts[] = {
    [VERDICT_OK] = {"ok", INK_GREEN},
    [VERDICT_WARN] = {"warn", INK_YELLOW},
    [VERDICT_FAIL] = {"fail", INK_RED},
};

struct examination {
    struct session *session;
    struct snapshot snapshot;
    char *info; /* all of INFO; "" where the user may not */
    enum verdict worst;
};

/* `advice` is what to do; NULL where all is well. */
static void say(struct examination *examination, enum verdict verdict, const char *found,
                const char *advice)
{
    struct session *session = examination->session;
    struct json_writer w = json_writer(&session->out);

    if (verdict > examination->worst)
        examination->worst = verdict;
    if (session->arguments->json) {
        json_open(&w, '{');
        json_key_string(&w, "verdict", verdicts[verdict].name);
        json_key_string(&w, "found", found);
        json_key_string(&w, "advice", advice);
        json_close(&w, '}');
        buffer_add_char(&session->out, '\n');
        return;
    }
    buffer_add_format(&session->out, "  %s%-4s%s  %s",
                      screen_ink(&session->screen, verdicts[verdict].ink), verdicts[verdict].name,
                      screen_off(&session->screen), found);
    buffer_add_format(&session->out, "%s%s\n", advice != NULL ? ": " : "",
                      advice != NULL ? advice : "");
}

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

/* --- the checks ------------------------------------------------------------------------------- */

static void check_version(struct examination *examination)
{
    char *version = info(examination, "redis_version");
    unsigned long major = 0, minor = 0;
    char *rest = NULL;

    if (version == NULL)
        return;
    major = strtoul(version, &rest, 10);
    minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
    char *found = xasprintf("Redis %s", version);
    if (major < 6 || (major == 6 && minor < 2))
        say(examination, VERDICT_FAIL, found, "reelq needs 6.2 or later, or Valkey");
    else if (major < 7)
        say(examination, VERDICT_WARN, found,
            "7 or later still empties its queues when it is full");
    else
        say(examination, VERDICT_OK, found, NULL);
    free(found);
    free(version);
}

static void check_policy(struct examination *examination)
{
    char *policy = info(examination, "maxmemory_policy");

    if (policy == NULL)
        return;
    char *found = xasprintf("maxmemory-policy %s", policy);
    bool good = strcmp(policy, "noeviction") == 0;
    say(examination, good ? VERDICT_OK : VERDICT_FAIL, found,
        good ? NULL : "set noeviction, or Redis may drop tasks that wait");
    free(found);
    free(policy);
}

static void check_aof(struct examination *examination)
{
    char *enabled = info(examination, "aof_enabled");

    if (enabled == NULL)
        return;
    bool good = strcmp(enabled, "1") == 0;
    say(examination, good ? VERDICT_OK : VERDICT_WARN, good ? "appendonly yes" : "appendonly no",
        good ? NULL : "set appendonly yes, or a crash of Redis loses what was pushed");
    free(enabled);
}

static void check_memory(struct examination *examination)
{
    char *used = info(examination, "used_memory"), *most = info(examination, "maxmemory");

    if (used != NULL && most != NULL) {
        double limit = strtod(most, NULL), share = limit > 0 ? strtod(used, NULL) / limit : 0;
        char *found = limit > 0 ? xasprintf("%.0f %% of maxmemory is used", 100 * share)
                                : xasprintf("%.0f MiB are used", strtod(used, NULL) / (1 << 20));
        bool good = share < 0.8;
        say(examination, good ? VERDICT_OK : VERDICT_WARN, found,
            good ? NULL : "a full Redis refuses tasks: raise maxmemory, or lower REELQ_RETENTION");
        free(found);
    }
    free(used);
    free(most);
}

static void check_clock(struct examination *examination)
{
    int64_t ms = clock_wall_ms() - examination->snapshot.now_ms;
    char *found = xasprintf("the clock of Redis differs from this machine's by %lld ms",
                            (long long)(ms < 0 ? -ms : ms));
    bool good = ms > -5000 && ms < 5000;

    say(examination, good ? VERDICT_OK : VERDICT_WARN, found,
        good ? NULL : "let both keep time by NTP; callback URLs expire by the clock of Redis");
    free(found);
}

static void check_workers(struct examination *examination)
{
    const struct snapshot *snapshot = &examination->snapshot;
    size_t up = 0;

    for (size_t i = 0; i < snapshot->worker_count; i++)
        up += !snapshot->workers[i].gone;
    char *found = xasprintf("%zu worker%s up", up, up == 1 ? " is" : "s are");
    say(examination, up > 0 ? VERDICT_OK : VERDICT_FAIL, found,
        up > 0 ? NULL : "start reelq-worker with this REELQ_REDIS_URL and REELQ_PREFIX");
    free(found);
    if (snapshot->paused_until_ms != 0)
        say(examination, VERDICT_WARN, "the workers are paused",
            "VideoDB has said 429, or somebody reelq pause; reelq resume ends it");
}

static void check_dead(struct examination *examination)
{
    long long dead = (long long)examination->snapshot.counts[OVERVIEW_DEAD];
    char *found = xasprintf("%lld tasks have failed", dead);

    say(examination, dead > 0 ? VERDICT_WARN : VERDICT_OK, found,
        dead > 0 ? "reelq dead says of what, reelq dead retry runs them again" : NULL);
    free(found);
}

static void (*const checks[])(struct examination *examination) = {
    check_version, check_policy, check_aof, check_memory, check_clock, check_workers, check_dead};

/* --- all of them ------------------------------------------------------------------------------ */

static bool read_info(struct examination *examination)
{
    struct client *client = examination->session->client;
    struct redisReply *reply = client_ask(client, "INFO");

    if (reply == NULL && !client_denied(client))
        return false;
    if (reply == NULL)
        say(examination, VERDICT_WARN, "this user may not look at INFO",
            "version, policy, AOF and memory are not checked; come as one who may");
    examination->info = xasprintf("\n%s", reply != NULL && reply->str != NULL ? reply->str : "");
    freeReplyObject(reply);
    return true;
}

static int run(struct session *session)
{
    struct examination examination = {.session = session};

    if (!snapshot_take(session, &examination.snapshot) || !read_info(&examination))
        return session_failed(session, session->client);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        checks[i](&examination);
    free(examination.info);
    return examination.worst == VERDICT_OK     ? EXIT_DONE
           : examination.worst == VERDICT_WARN ? EXIT_WARNED
                                               : EXIT_FAILED;
}

const struct command command_doctor = {
    .name = "doctor",
    .words = "",
    .summary = "Checks Redis and the workers, and says what to do",
    .details = "Exits with 0 when all is ok, 6 when there is a warning, 1 when something must be\n"
               "repaired. It looks at Redis alone: --check-config of the programs looks at theirs.",
    .options = options,
    .run = run,
};
