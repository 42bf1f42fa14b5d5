/* start webhook, worker (one of them behind the proxy) -> submit -> await -> stop -> audit
 *   await: a victim that was killed or shut out gets a successor, which uses Redis without the
 * proxy; one that was shut out is let in again before it is stopped */
#include "fault/run.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "fault/audit.h"
#include "fault/command.h"
#include "fault/scenario.h"

enum { DEADLINE_MS = 60000, SLICE_MS = 20, MAX_REPORT = 1 << 20, LOG_END = 6000, MAX_TRIES = 3 };

struct run {
    struct lane *lane;
    const struct fault *fault;
    char prefix[SCENARIO_ID_SIZE / 2];
    struct witness *witness;
    struct process *processes[FAULT_VICTIMS]; /* those that live */
    struct process *victim;                   /* the one that has a successor, or NULL */
    int64_t started_ms;
    struct buffer complaints;
};

enum { CUT, LOST };
static const struct lane_manner manners[] = {
    [CUT] = {"6s", "[]"}, [LOST] = {"500ms", "[\"callback:late(700)=0.3\"]"}};

/* --- processes -------------------------------------------------------------------------------- */

static struct process *start_process(struct run *run, enum fault_victim kind, const char *redis_url)
{
    return kind == FAULT_WORKER ? lane_start_worker(run->lane, redis_url)
                                : lane_start_webhook(run->lane, redis_url);
}

static enum redis_proxy_harm harm_of(const struct fault *fault)
{
    return fault_is_kill(fault)   ? REDIS_PROXY_KILL
           : fault_is_away(fault) ? REDIS_PROXY_SHUT_OUT
                                  : REDIS_PROXY_CUT;
}

static bool counts(const struct redisReply *command, void *arg)
{
    const struct run *run = arg;
    const char *kind = fault_kind_name(run->fault->kind);

    return kind == NULL || strcmp(kind, command_name(command)) == 0;
}

static void start(struct run *run, enum fault_victim kind)
{
    struct lane *lane = run->lane;

    if (kind != run->fault->victim) {
        run->processes[kind] = start_process(run, kind, redis_server_url(lane->redis));
        return;
    }
    run->processes[kind] = start_process(run, kind, redis_proxy_url(lane->proxy));
    struct redis_proxy_plan plan = {.counts = counts,
                                    .arg = run,
                                    .at = run->fault->at,
                                    .after = fault_is_after(run->fault),
                                    .harm = harm_of(run->fault),
                                    .pid = process_pid(run->processes[kind])};
    redis_proxy_arm(lane->proxy, &plan);
}

/* The successor of a victim that is not there any more. */
static void revive(struct run *run)
{
    struct process **place = &run->processes[run->fault->victim];

    if (run->victim != NULL || harm_of(run->fault) == REDIS_PROXY_CUT ||
        !redis_proxy_look(run->lane->proxy).done)
        return;
    run->victim = *place;
    *place = start_process(run, run->fault->victim, redis_server_url(run->lane->redis));
}

static void expect_end(struct run *run, struct process *process, int expected)
{
    int status = process_wait(process);

    if (status != expected)
        buffer_add_format(&run->complaints, "a process ends with %d, not %d\n", status, expected);
    if (strstr(process_log(process), "script-failed") != NULL)
        buffer_add_text(&run->complaints, "a process says script-failed\n");
}

/* The fault may come as late as here: then nobody is left to follow. A successor may be so young
 * that it does not listen to signals yet. */
static void stop(struct run *run, enum fault_victim kind)
{
    struct process *process = run->processes[kind];
    bool struck = kind == run->fault->victim && run->victim == NULL && fault_is_kill(run->fault);
    bool successor = kind == run->fault->victim && run->victim != NULL;

    process_signal(process, SIGTERM);
    int status = process_wait(process);
    struck = struck && redis_proxy_look(run->lane->proxy).done;
    if (!successor || status != -SIGTERM)
        expect_end(run, process, struck ? -SIGKILL : 0);
}

/* The one that was shut out is back, says what it still has to say, and has nothing left to do. */
static void welcome(struct run *run)
{
    static const char mark[] = "redis-up connection=commands";
    unsigned before = 0;

    for (const char *at = process_log(run->victim); (at = strstr(at, mark)) != NULL; at++)
        before++;
    redis_proxy_let_in(run->lane->proxy);
    if (!process_wait_log(run->victim, mark, before + 1, DEADLINE_MS))
        buffer_add_text(&run->complaints, "the victim does not come back\n");
    process_signal(run->victim, SIGTERM);
    expect_end(run, run->victim, 0);
}

/* --- the scenario ----------------------------------------------------------------------------- */

static bool has_time(const struct run *run)
{
    return clock_monotonic_ms() < run->started_ms + DEADLINE_MS;
}

static bool await_event(struct run *run, const struct scenario_wait *wait, const char *id)
{
    while (witness_event(run->witness, wait->event, id, 1, SLICE_MS) == NULL) {
        if (!has_time(run))
            return false;
        revive(run);
    }
    return true;
}

static void await_quiet(struct run *run)
{
    while (!lane_look_at_api(run->lane).quiet ||
           redis_server_integer(run->lane->redis, "EXISTS " AUDIT_HOMES) > 0) {
        if (!has_time(run)) {
            buffer_add_text(&run->complaints, "it does not come to rest\n");
            return;
        }
        (void)poll(NULL, 0, SLICE_MS);
        revive(run);
    }
}

static void await_end(struct run *run)
{
    char id[SCENARIO_ID_SIZE];

    for (const struct scenario_wait *wait = scenario_waits; wait->event != NULL; wait++) {
        scenario_id(id, wait->batch ? "" : run->prefix, wait->id);
        if (!await_event(run, wait, id)) {
            buffer_add_format(&run->complaints, "no %s of %s\n", wait->event, id);
            return;
        }
        if (wait->again)
            (void)redis_server_integer(run->lane->redis, "LPUSH reelq:tasks %s", id);
    }
    await_quiet(run);
}

/* --- the report ------------------------------------------------------------------------------- */

static void add_log(struct buffer *out, struct process *process, const char *name)
{
    const char *log = process != NULL ? process_log(process) : "";
    size_t length = strlen(log), skipped = length > LOG_END ? length - LOG_END : 0;

    if (length > 0)
        buffer_add_format(out, "--- log of the %s%s\n%s", name, skipped > 0 ? ", its end" : "",
                          log + skipped);
}

static void add_keys(struct buffer *out, struct redis_server *redis)
{
    struct redisReply *keys = redis_server_command(redis, "KEYS *");

    buffer_add_text(out, "--- keys\n");
    for (size_t i = 0; i < keys->elements; i++)
        buffer_add_format(out, "%s\n", keys->element[i]->str);
    freeReplyObject(keys);
}

static void add_command(struct buffer *out, const struct redis_proxy_report *report)
{
    if (report->command != NULL)
        command_describe(out, report->command);
    else
        buffer_add_format(out, "not reached, %u commands", report->seen);
}

static void print_broken(struct run *run, const struct redis_proxy_report *report)
{
    struct buffer out = BUFFER(MAX_REPORT);
    char name[FAULT_NAME_SIZE];
    char *events = witness_text(run->witness);

    fault_name(run->fault, name);
    buffer_add_format(&out, "\n=== BROKEN %s: ", name);
    add_command(&out, report);
    buffer_add_format(&out, "\n%s", buffer_text(&run->complaints));
    add_keys(&out, run->lane->redis);
    buffer_add_format(&out, "--- events\n%s--- accepted\n%s", events, lane_journal(run->lane));
    add_log(&out, run->victim, "victim");
    for (int i = 0; i < FAULT_VICTIMS; i++)
        add_log(&out, run->processes[i], i == FAULT_WORKER ? "worker" : "webhook");
    buffer_add_format(&out, "=== again: scripts/torture --only %s\n", name);
    (void)fwrite(out.data, 1, out.length, stderr);
    buffer_clear(&out);
    free(events);
}

static void print_held(const struct run *run, const struct redis_proxy_report *report)
{
    struct buffer out = BUFFER(MAX_REPORT);
    char name[FAULT_NAME_SIZE];

    fault_name(run->fault, name);
    buffer_add_format(&out, "%-30s %5lld ms  ", name,
                      (long long)(clock_monotonic_ms() - run->started_ms));
    add_command(&out, report);
    buffer_add_text(&out, "\n");
    (void)fwrite(out.data, 1, out.length, stdout);
    (void)fflush(stdout);
    buffer_clear(&out);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* While no worker is lost, no call is of unknown outcome: what a connection has swallowed is said
 * again, long before the lease ends. */
static void check_unknown(struct run *run)
{
    unsigned unknown = witness_events(run->witness, "unknown", NULL);

    if (harm_of(run->fault) != REDIS_PROXY_CUT || unknown == 0)
        return;
    buffer_add_format(&run->complaints, "events unknown: %u, not 0\n", unknown);
}

static void check(struct run *run)
{
    char *journal = xstrdup(lane_journal(run->lane));
    struct audit audit = {run->lane->redis, run->witness, journal, run->prefix, &run->complaints};

    audit_all(&audit);
    check_unknown(run);
    free(journal);
}

static void clear(struct run *run)
{
    redis_proxy_disarm(run->lane->proxy);
    for (int i = 0; i < FAULT_VICTIMS; i++)
        process_free(run->processes[i]);
    process_free(run->victim);
    witness_free(run->witness);
    buffer_clear(&run->complaints);
}

static void play(struct run *run)
{
    struct redis_server *redis = run->lane->redis;

    start(run, FAULT_WEBHOOK);
    (void)process_wait_log(run->processes[FAULT_WEBHOOK], "listening listener=public", 1,
                           DEADLINE_MS);
    scenario_submit_first(redis, run->prefix);
    start(run, FAULT_WORKER);
    scenario_submit_rest(redis, run->prefix);
    await_end(run);
    if (run->victim != NULL && fault_is_away(run->fault))
        welcome(run);
    stop(run, FAULT_WEBHOOK);
    stop(run, FAULT_WORKER);
    if (run->victim != NULL && fault_is_kill(run->fault))
        expect_end(run, run->victim, -SIGKILL);
    check(run);
}

/* False when it has to be done again. */
static bool run_once(struct lane *lane, const struct fault *fault, bool verbose,
                     enum board_result *result)
{
    struct run run = {.lane = lane, .fault = fault, .complaints = BUFFER(MAX_REPORT)};
    int64_t given_up = lane_look_at_api(lane).given_up;

    lane_begin(lane, &manners[harm_of(fault) == REDIS_PROXY_CUT ? CUT : LOST]);
    (void)snprintf(run.prefix, sizeof(run.prefix), "r%u-%u-", lane->number, lane->run);
    run.witness = witness_new(redis_server_path(lane->redis), NULL);
    run.started_ms = clock_monotonic_ms();
    play(&run);
    struct redis_proxy_report report = redis_proxy_look(lane->proxy);
    bool broken = run.complaints.length > 0;
    bool judged = !broken || lane_look_at_api(lane).given_up == given_up;
    *result = broken ? BOARD_BROKEN : report.reached ? BOARD_HELD : BOARD_UNREACHED;
    if (broken)
        print_broken(&run, &report);
    else if (verbose)
        print_held(&run, &report);
    clear(&run);
    return judged;
}

/* A machine that is too busy may let the API give up a callback, for which nobody asks here: such a
 * run says nothing. */
enum board_result run_fault(struct lane *lane, const struct fault *fault, bool verbose)
{
    enum board_result result;

    for (int tries = 1; !run_once(lane, fault, verbose, &result) && tries < MAX_TRIES; tries++)
        (void)fputs("=== once more: the sandbox gave up a callback\n", stderr);
    return result;
}
