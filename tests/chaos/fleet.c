#include "chaos/fleet.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "chaos/fleet_member.h"
#include "chaos/weather.h"
#include "support/homes.h"
#include "support/port.h"
#include "support/raw_http.h"
#include "support/sandbox_client.h"
#include "support/temp_dir.h"

enum { MAX_MEMBERS = 64, MAX_WORDS = 24, MAX_ANSWER = 1 << 20 };

enum redis_state { REDIS_UP, REDIS_KILLED, REDIS_STOPPED };

struct fleet {
    struct fleet_options options;
    struct redis_server *redis;
    enum redis_state redis_state;
    int64_t paused_until_ms;
    struct process *sandbox;
    char *sandbox_address;
    int port_holder; /* bound to the webhooks' port, so that it stays theirs */
    char *words[MAX_MEMBERS + MAX_WORDS];
    size_t word_count;
    const char *worker_environment[MAX_WORDS + 1];
    const char *webhook_environments[MAX_MEMBERS][MAX_WORDS + 1];
    struct fleet_member members[MAX_MEMBERS]; /* the workers, then the webhooks */
};

/* Short, so that every recovery comes within the run. */
static const char *const worker_settings[] = {
    "VIDEO_DB_API_KEY=sk-chaos", "REELQ_ADMIN_LISTEN=127.0.0.1:0", "REELQ_LEASE=2s",
    "REELQ_UNKNOWN_GRACE=8s",    "REELQ_CALLBACK_TIMEOUT=5s",      "REELQ_POLL_INTERVAL=500ms",
    "REELQ_JOB_TIMEOUT=2m",      "REELQ_API_TIMEOUT=2s",           "REELQ_RETRY_BASE=200ms",
    "REELQ_RETRY_CAP=2s",        "REELQ_MAX_ATTEMPTS=6",           "REELQ_PROBE_INTERVAL=200ms",
    "REELQ_MAX_AWAITING=200",    "REELQ_DRAIN_TIMEOUT=2s",
};

static const char *const sandbox_settings[] = {"--listen",     "127.0.0.1:0",  "--upload-time",
                                               "300",          "--index-time", "300",
                                               "--list-delay", "500",          "--seed"};

__attribute__((noreturn)) static void fail(const char *what)
{
    perror(what);
    abort();
}

/* --- environments ----------------------------------------------------------------------------- */

/* Keeps a word until the fleet is freed. */
static const char *keep(struct fleet *fleet, char *word)
{
    if (fleet->word_count == sizeof(fleet->words) / sizeof(fleet->words[0]))
        fail("fleet: too many words");
    return fleet->words[fleet->word_count++] = word;
}

static void make_worker_environment(struct fleet *fleet, unsigned port)
{
    size_t count = sizeof(worker_settings) / sizeof(worker_settings[0]);

    memcpy(fleet->worker_environment, worker_settings, sizeof(worker_settings));
    fleet->worker_environment[count++] =
        keep(fleet, xasprintf("REELQ_REDIS_URL=%s", redis_server_url(fleet->redis)));
    fleet->worker_environment[count++] =
        keep(fleet, xasprintf("VIDEO_DB_BASE_URL=http://%s", fleet->sandbox_address));
    fleet->worker_environment[count++] =
        keep(fleet, xasprintf("REELQ_PUBLIC_URL=http://127.0.0.1:%u", port));
}

/* A spool belongs to the place, not to the process: a successor finds what was left in it. */
static const char *make_spool(struct fleet *fleet, unsigned number)
{
    char *path = xasprintf("%s/spool-%u", fleet->options.folder, number + 1);

    if (mkdir(path, 0700) == -1)
        fail(path);
    const char *word = keep(fleet, xasprintf("REELQ_SPOOL_DIR=%s", path));
    free(path);
    return word;
}

static void make_webhook_environment(struct fleet *fleet, unsigned number, unsigned port)
{
    const char **words = fleet->webhook_environments[number];
    size_t count = 0;

    words[count++] = keep(fleet, xasprintf("REELQ_REDIS_URL=%s", redis_server_url(fleet->redis)));
    words[count++] = keep(fleet, xasprintf("REELQ_LISTEN=127.0.0.1:%u", port));
    words[count++] = "REELQ_ADMIN_LISTEN=off";
    if (fleet->options.spool)
        words[count++] = make_spool(fleet, number);
}

/* --- start and end ---------------------------------------------------------------------------- */

static void start_sandbox(struct fleet *fleet)
{
    enum { COUNT = sizeof(sandbox_settings) / sizeof(sandbox_settings[0]) };
    const char *words[COUNT + 2] = {NULL};

    memcpy(words, sandbox_settings, sizeof(sandbox_settings));
    words[COUNT] = keep(fleet, xasprintf("%llu", (unsigned long long)fleet->options.seed));
    fleet->sandbox =
        sandbox_client_start(REELQ_BIN_DIR "/reelq-sandbox", words, &fleet->sandbox_address);
}

static unsigned member_count(const struct fleet *fleet)
{
    return fleet->options.workers + fleet->options.webhooks;
}

static void start_member(struct fleet *fleet, unsigned place)
{
    bool worker = place < fleet->options.workers;
    unsigned number = worker ? place : place - fleet->options.workers;

    fleet->members[place] = (struct fleet_member){
        .program = worker ? REELQ_BIN_DIR "/reelq-worker" : REELQ_BIN_DIR "/reelq-webhook",
        .kind = worker ? "worker" : "webhook",
        .number = number + 1,
        .environment = worker ? fleet->worker_environment : fleet->webhook_environments[number],
        .folder = fleet->options.folder,
        .ledger = fleet->options.ledger,
        .census = fleet->options.census,
        .verdict = fleet->options.verdict,
    };
    fleet_member_start(&fleet->members[place]);
}

struct fleet *fleet_new(const struct fleet_options *options)
{
    struct fleet *fleet = xcalloc(1, sizeof(*fleet));
    unsigned port;

    fleet->options = *options;
    fleet->redis = redis_server_start_with((const char *[]){"--appendonly", "yes", NULL});
    start_sandbox(fleet);
    fleet->port_holder = port_hold(&port);
    make_worker_environment(fleet, port);
    for (unsigned i = 0; i < options->webhooks; i++)
        make_webhook_environment(fleet, i, port);
    for (unsigned i = member_count(fleet); i > 0; i--)
        start_member(fleet, i - 1);
    return fleet;
}

void fleet_free(struct fleet *fleet)
{
    if (fleet == NULL)
        return;
    for (unsigned i = 0; i < member_count(fleet); i++)
        fleet_member_clear(&fleet->members[i]);
    process_free(fleet->sandbox);
    redis_server_stop(fleet->redis);
    (void)close(fleet->port_holder);
    for (size_t i = 0; i < fleet->word_count; i++)
        free(fleet->words[i]);
    free(fleet->sandbox_address);
    free(fleet);
}

void fleet_end_webhooks(struct fleet *fleet)
{
    for (unsigned i = fleet->options.workers; i < member_count(fleet); i++)
        fleet_member_end(&fleet->members[i]);
}

void fleet_end_workers(struct fleet *fleet)
{
    for (unsigned i = 0; i < fleet->options.workers; i++)
        fleet_member_end(&fleet->members[i]);
}

void fleet_end_sandbox(struct fleet *fleet)
{
    process_signal(fleet->sandbox, SIGTERM);
    int status = process_wait(fleet->sandbox);

    if (status != 0)
        verdict_note(fleet->options.verdict, VERDICT_DEATH, "the sandbox ended with %d", status);
    collect_log(fleet->options.ledger, fleet->options.census, "sandbox",
                slice_text(process_log(fleet->sandbox)));
}

/* --- faults ----------------------------------------------------------------------------------- */

static void tell_redis(struct fleet *fleet, const char *command)
{
    freeReplyObject(redis_server_command(fleet->redis, command));
}

static void apply_to_redis(struct fleet *fleet, const struct schedule_step *step)
{
    if (step->action == SCHEDULE_REDIS_KILL) {
        redis_server_kill(fleet->redis);
        fleet->redis_state = REDIS_KILLED;
    } else if (step->action == SCHEDULE_REDIS_START) {
        redis_server_restart(fleet->redis);
        fleet->redis_state = REDIS_UP;
    } else if (step->action == SCHEDULE_REDIS_STOP) {
        redis_server_pause(fleet->redis);
        fleet->redis_state = REDIS_STOPPED;
    } else if (step->action == SCHEDULE_REDIS_CONTINUE) {
        redis_server_resume(fleet->redis);
        fleet->redis_state = REDIS_UP;
    } else if (step->action == SCHEDULE_REDIS_CUT) {
        tell_redis(fleet, "CLIENT KILL TYPE normal");
    } else if (step->action == SCHEDULE_REDIS_FORGET) {
        tell_redis(fleet, "SCRIPT FLUSH");
    } else {
        char *command = xasprintf("CLIENT PAUSE %lld", (long long)step->span_ms);
        tell_redis(fleet, command);
        free(command);
        fleet->paused_until_ms = clock_monotonic_ms() + step->span_ms;
    }
}

static void apply_to_member(struct fleet_member *member, enum schedule_action action)
{
    switch (action) {
    case SCHEDULE_WORKER_KILL:
    case SCHEDULE_WEBHOOK_KILL:
        fleet_member_kill(member);
        break;
    case SCHEDULE_WORKER_START:
    case SCHEDULE_WEBHOOK_START:
        fleet_member_start(member);
        break;
    case SCHEDULE_WORKER_STOP:
    case SCHEDULE_WEBHOOK_STOP:
        fleet_member_signal(member, SIGSTOP);
        break;
    case SCHEDULE_WORKER_CONTINUE:
    case SCHEDULE_WEBHOOK_CONTINUE:
        fleet_member_signal(member, SIGCONT);
        break;
    default:
        fleet_member_replace(member);
        break;
    }
}

static void apply_weather(struct fleet *fleet, unsigned number)
{
    struct buffer answer = BUFFER(MAX_ANSWER);

    if (sandbox_client_faults(fleet->sandbox_address, weather_get(number)->faults, &answer) !=
        200) {
        (void)fprintf(stderr, "fleet: faults: %s\n", buffer_text(&answer));
        abort();
    }
    buffer_clear(&answer);
}

void fleet_apply(struct fleet *fleet, const struct schedule_step *step)
{
    if (step->action == SCHEDULE_WEATHER)
        apply_weather(fleet, step->target);
    else if (step->action >= SCHEDULE_REDIS_KILL)
        apply_to_redis(fleet, step);
    else if (step->action >= SCHEDULE_WEBHOOK_KILL)
        apply_to_member(&fleet->members[fleet->options.workers + step->target], step->action);
    else
        apply_to_member(&fleet->members[step->target], step->action);
}

void fleet_tick(struct fleet *fleet)
{
    for (unsigned i = 0; i < member_count(fleet); i++)
        fleet_member_tick(&fleet->members[i]);
}

/* --- questions -------------------------------------------------------------------------------- */

bool fleet_redis_answers(const struct fleet *fleet)
{
    return fleet->redis_state == REDIS_UP && clock_monotonic_ms() >= fleet->paused_until_ms;
}

const char *fleet_redis_path(const struct fleet *fleet)
{
    return redis_server_path(fleet->redis);
}

static long long spools_left(const struct fleet *fleet, struct buffer *out)
{
    long long left = 0;

    for (unsigned i = 0; fleet->options.spool && i < fleet->options.webhooks; i++) {
        char *path = xasprintf("%s/spool-%u", fleet->options.folder, i + 1);
        unsigned files = temp_dir_count(path, ".spool") + temp_dir_count(path, ".spool.damaged");
        if (files > 0)
            buffer_add_format(out, "spool-%u: %u files\n", i + 1, files);
        left += files;
        free(path);
    }
    return left;
}

long long fleet_left(struct fleet *fleet, struct buffer *out)
{
    return homes_left(fleet->redis, out) + spools_left(fleet, out);
}

long long fleet_open_records(struct fleet *fleet, struct buffer *out)
{
    return homes_open_records(fleet->redis, out);
}

const char *fleet_get(struct fleet *fleet, const char *path, struct buffer *answer)
{
    if (raw_http_get(fleet->sandbox_address, path, answer) != 200) {
        (void)fprintf(stderr, "fleet: GET %s: %s\n", path, buffer_text(answer));
        abort();
    }
    return raw_http_body(answer);
}
