/* run_all -> start -> strike (faults) -> drain -> close (evidence) -> judge
 *   every turn: due steps, ends of processes, submitting, listening */
#include "chaos/run.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "chaos/audit.h"
#include "chaos/fleet.h"
#include "chaos/listener.h"
#include "chaos/progress.h"
#include "chaos/report.h"
#include "chaos/submitter.h"
#include "chaos/weather.h"

enum {
    TURN_MS = 5,
    LOOK_MS = 250,
    PATIENCE_MS = 150000,
    MAX_EVIDENCE = 1 << 30,
    MAX_TEXT = 8 << 20
};

/* Before the faults end, so that the last tasks meet some too; at most a fifth of the time. */
enum { LAST_TASK_MS = 10000 };

struct run {
    const struct options *options;
    const char *folder;
    struct plan plan;
    struct schedule schedule;
    size_t next_step;
    const char *weather;
    struct ledger ledger;
    struct census census;
    struct verdict verdict;
    struct fleet *fleet;
    struct submitter *submitter;
    struct listener *listener;
    struct progress progress;
    bool *ran_again; /* one per task */
    struct report report;
    int64_t started_ms;
};

static int64_t now_ms(const struct run *run)
{
    return clock_monotonic_ms() - run->started_ms;
}

static void keep_text(const struct run *run, const char *name, struct slice text)
{
    char *path = xasprintf("%s/%s", run->folder, name);
    FILE *file = fopen(path, "we");

    if (file != NULL) {
        (void)fwrite(text.data, 1, text.length, file);
        (void)fclose(file);
    }
    free(path);
}

/* --- one turn --------------------------------------------------------------------------------- */

static void on_event(const char *event, const char *id, const char *json, void *arg)
{
    struct run *run = arg;
    unsigned task, slot;

    progress_note(&run->progress, event, id);
    if (!plan_find_task(slice_text(id), &task, &slot) || slot != PLAN_OWN)
        return;
    const struct plan_task *plan = &run->plan.tasks[task];
    if (strcmp(event, "ready") == 0 && plan->kind == PLAN_UPLOAD && plan->fate == PLAN_GOOD) {
        char *video_id = collect_text(json, "video_id");
        submitter_offer_video(run->submitter, video_id);
        free(video_id);
    }
    if (strcmp(event, "failed") == 0 && plan->again && !run->ran_again[task]) {
        run->ran_again[task] = true;
        submitter_run_again(run->submitter, task);
    }
}

/* The user's connection breaks with Redis, and takes the replies that are under way with it. */
static void apply(struct run *run, const struct schedule_step *step)
{
    if (step->action == SCHEDULE_REDIS_KILL || step->action == SCHEDULE_REDIS_CUT)
        submitter_cut(run->submitter);
    if (step->action == SCHEDULE_WEATHER)
        run->weather = weather_get(step->target)->name;
    fleet_apply(run->fleet, step);
    run->report.done[step->action]++;
}

static void turn(struct run *run, const char *what)
{
    while (run->next_step < run->schedule.count &&
           run->schedule.steps[run->next_step].at_ms <= now_ms(run))
        apply(run, &run->schedule.steps[run->next_step++]);
    fleet_tick(run->fleet);
    submitter_tick(run->submitter, now_ms(run));
    listener_tick(run->listener);
    progress_draw(&run->progress, now_ms(run), submitter_taken(run->submitter), what);
    (void)poll(NULL, 0, TURN_MS);
}

/* --- the phases ------------------------------------------------------------------------------- */

static void start(struct run *run)
{
    const struct options *options = run->options;
    struct fleet_options fleet = {options->workers, options->webhooks, options->seed,
                                  options->spool,   run->folder,       &run->ledger,
                                  &run->census,     &run->verdict};
    struct buffer text = BUFFER(MAX_TEXT);
    int64_t fifth = options->length_ms / 5;

    run->plan = plan_make(options->seed, options->tasks,
                          options->length_ms - (fifth < LAST_TASK_MS ? fifth : LAST_TASK_MS));
    run->schedule = report_schedule(options);
    schedule_add_text(&text, &run->schedule);
    keep_text(run, "schedule.txt", buffer_slice(&text));
    buffer_clear(&text);
    run->weather = "";
    run->ran_again = xcalloc(options->tasks, sizeof(*run->ran_again));
    census_init(&run->census);
    verdict_init(&run->verdict);
    progress_init(&run->progress, &run->plan);
    run->fleet = fleet_new(&fleet);
    const char *path = fleet_redis_path(run->fleet);
    run->submitter = submitter_new(&run->plan, &run->ledger, path);
    run->listener = listener_new(&run->ledger, path, on_event, run);
    run->started_ms = clock_monotonic_ms();
    while (!listener_is_idle(run->listener) && !guard_interrupted())
        listener_tick(run->listener);
}

static void strike(struct run *run)
{
    char what[64];

    while (now_ms(run) <= run->options->length_ms && !guard_interrupted()) {
        (void)snprintf(what, sizeof(what), "api: %s", run->weather);
        turn(run, what);
    }
}

static bool is_settled(struct run *run)
{
    struct buffer left = BUFFER(MAX_TEXT);
    bool settled = submitter_open(run->submitter) == 0 && progress_open(&run->progress) == 0 &&
                   fleet_redis_answers(run->fleet) && fleet_left(run->fleet, &left) == 0 &&
                   listener_is_idle(run->listener);

    buffer_clear(&left);
    return settled;
}

/* Until nothing is left to do; false when nothing has happened for long. */
static bool drain(struct run *run)
{
    int64_t look_ms = 0, moved_ms = now_ms(run);
    size_t seen = run->ledger.count;

    while (!guard_interrupted() && now_ms(run) - moved_ms < PATIENCE_MS) {
        turn(run, "no more faults");
        if (run->ledger.count != seen)
            moved_ms = now_ms(run);
        seen = run->ledger.count;
        if (now_ms(run) < look_ms)
            continue;
        look_ms = now_ms(run) + LOOK_MS;
        if (is_settled(run))
            return true;
    }
    return false;
}

/* --- evidence --------------------------------------------------------------------------------- */

static void fetch(struct run *run, const char *path, const char *name,
                  void (*collect)(struct ledger *ledger, struct slice text))
{
    struct buffer answer = BUFFER(MAX_EVIDENCE);
    const char *body = fleet_get(run->fleet, path, &answer);

    collect(&run->ledger, slice_text(body));
    keep_text(run, name, slice_text(body));
    buffer_clear(&answer);
}

static void check_left(struct run *run)
{
    struct buffer left = BUFFER(MAX_TEXT);
    long long count = fleet_left(run->fleet, &left);
    long long open = fleet_open_records(run->fleet, &left);

    if (count + open > 0)
        verdict_note(&run->verdict, VERDICT_LEFTOVER, "%lld entries, %lld records\n%s", count, open,
                     buffer_text(&left));
    buffer_clear(&left);
}

static void check_state(struct run *run)
{
    struct buffer answer = BUFFER(MAX_TEXT);
    const char *body = fleet_get(run->fleet, "/_sandbox/state", &answer);

    if (collect_number(body, "dropped_lines") != 0)
        verdict_note(&run->verdict, VERDICT_INCOMPLETE, "the sandbox dropped lines: %s", body);
    keep_text(run, "sandbox-state.json", slice_text(body));
    buffer_clear(&answer);
}

/* Callbacks that were under way when the webhooks end find nobody; workers see what came before. */
static void close_all(struct run *run, bool settled)
{
    fleet_end_webhooks(run->fleet);
    if (settled)
        (void)drain(run);
    fleet_end_workers(run->fleet);
    for (int i = 0; i < 2 || !listener_is_idle(run->listener); i++)
        listener_tick(run->listener);
    check_left(run);
    check_state(run);
    fetch(run, "/_sandbox/journal", "journal.jsonl", collect_journal);
    fetch(run, "/_sandbox/callbacks", "callbacks.jsonl", collect_callbacks);
    fleet_end_sandbox(run->fleet);
    if (run->census.alarm_count > 0)
        verdict_note(&run->verdict, VERDICT_ALARM, "%u lines\n%s", run->census.alarm_count,
                     buffer_text(&run->census.alarms));
}

/* --- verdict ---------------------------------------------------------------------------------- */

/* All that is known, task by task. */
static void keep_histories(const struct run *run)
{
    struct buffer text = BUFFER(MAX_EVIDENCE);

    for (unsigned i = 0; i < run->plan.task_count; i++) {
        buffer_add_format(&text, "task-%06u\n", i);
        ledger_add_text(&text, ledger_of(&run->ledger, LEDGER_TASK, i));
    }
    keep_text(run, "histories.txt", buffer_slice(&text));
    buffer_clear(&text);
}

static void judge(struct run *run)
{
    struct audit_options options = {FLEET_LEASE_MS, INT64_C(3) * FLEET_LEASE_MS,
                                    FLEET_MAX_ATTEMPTS};
    struct buffer text = BUFFER(MAX_TEXT);

    ledger_seal(&run->ledger);
    keep_histories(run);
    audit(&run->verdict, &run->plan, &run->ledger, &options);
    run->report.options = run->options;
    run->report.verdict = &run->verdict;
    run->report.census = &run->census;
    run->report.took_ms = now_ms(run);
    run->report.losses = listener_losses(run->listener);
    report_add_text(&text, &run->report);
    (void)fputs(buffer_text(&text), stdout);
    keep_text(run, "report.txt", buffer_slice(&text));
    buffer_clear(&text);
}

static void clear(struct run *run)
{
    submitter_free(run->submitter);
    listener_free(run->listener);
    fleet_free(run->fleet);
    plan_clear(&run->plan);
    schedule_clear(&run->schedule);
    ledger_clear(&run->ledger);
    census_clear(&run->census);
    verdict_clear(&run->verdict);
    progress_clear(&run->progress);
    free(run->ran_again);
}

static struct guard_result finish(struct run *run)
{
    bool clean;

    progress_end(&run->progress);
    if (guard_interrupted()) {
        printf("Interrupted after %.1f s: %u tasks submitted, %u ready, %u failed, seed %" PRIu64
               ". Everything is stopped.\n",
               (double)now_ms(run) / 1000, submitter_taken(run->submitter), run->progress.ready,
               run->progress.failed, run->options->seed);
        return (struct guard_result){130, false};
    }
    judge(run);
    clean = verdict_is_clean(&run->verdict);
    if (!clean || run->options->keep)
        printf("\nLogs and evidence are in %s\n", run->folder);
    return (struct guard_result){clean ? 0 : 1, !clean || run->options->keep};
}

struct guard_result run_all(const char *folder, void *arg)
{
    struct run run = {.options = arg, .folder = folder};

    start(&run);
    strike(&run);
    bool settled = drain(&run);
    if (!guard_interrupted())
        close_all(&run, settled);
    struct guard_result result = finish(&run);
    clear(&run);
    return result;
}
