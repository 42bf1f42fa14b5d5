#include "cost/scenario.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "bench/site.h"
#include "bench/submitter.h"
#include "cost/api.h"

enum { LOOKS = 2, LOOK_NS = 200000, PATIENCE_MS = 20000 };

/* What is done by the clock is to be rare; the rest is as users have it. */
static const char *const settings[] = {"REELQ_LEASE=1h", "REELQ_UNKNOWN_GRACE=3h", NULL};

enum part_name { WORKER, WEBHOOK, REDIS, PARTS };

struct part {
    pid_t pid;
    bool stopped;
};

struct scenario {
    struct scenario_options options;
    struct api *api;
    struct site *site;
    struct submitter *submitter;
    struct tool_run worker, webhook;
    struct part parts[PARTS];
    double looks, answered_bytes; /* of our own at Redis, and what they brought */
};

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "scenario: %s\n", what);
    abort();
}

/* All processes share one processor, and none takes it from another that has work to do. */
static void share_processor(void)
{
    struct sched_param none = {0};
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof(one), &one) == -1 ||
        sched_setscheduler(0, SCHED_BATCH, &none) == -1)
        fail("cannot stay on one processor");
}

/* --- rest ------------------------------------------------------------------------------------- */

/* The letter that the kernel has for what the process does. */
static char state_of(pid_t pid)
{
    char path[64], text[256] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL)
        fail("a program has ended");
    (void)fclose(file);
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL)
        fail("/proc is not what it was");
    return name_end[2];
}

/* Does it wait for something? A tool that has it stopped for a moment does not count as that. */
static bool rests(const struct part *part)
{
    char state = state_of(part->pid);
    return part->stopped ? state == 'T' || state == 't' : state == 'S';
}

/* Until nothing moves any more, which is looked at twice: what is sent on one processor may be
 * under way for a moment when another program, that is none of these, has taken it. */
static void rest(struct scenario *scenario)
{
    static const struct timespec pause = {.tv_nsec = LOOK_NS};
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;

    for (unsigned looks = 0; looks < LOOKS;) {
        bool all = true;
        (void)nanosleep(&pause, NULL);
        for (unsigned i = 0; i < PARTS; i++)
            all = all && rests(&scenario->parts[i]);
        looks = all ? looks + 1 : 0;
        if (clock_monotonic_ms() > end_ms)
            fail("the programs do not come to rest");
    }
}

/* What comes for many is there as a whole when the program looks; for one there is nothing to
 * gather. */
static void stop(struct scenario *scenario, enum part_name name)
{
    if (scenario->options.together == 1)
        return;
    (void)kill(scenario->parts[name].pid, SIGSTOP);
    scenario->parts[name].stopped = true;
    rest(scenario);
}

static void resume(struct scenario *scenario, enum part_name name)
{
    if (scenario->parts[name].stopped)
        (void)kill(scenario->parts[name].pid, SIGCONT);
    scenario->parts[name].stopped = false;
    rest(scenario);
}

/* --- play ------------------------------------------------------------------------------------- */

static void take_calls(struct scenario *scenario)
{
    api_await_calls(scenario->api, scenario->options.together);
    rest(scenario);
    stop(scenario, WORKER);
    api_accept_calls(scenario->api);
    resume(scenario, WORKER);
}

static void send_callbacks(struct scenario *scenario, api_body_fn fn)
{
    stop(scenario, WORKER);
    stop(scenario, WEBHOOK);
    api_send_callbacks(scenario->api, fn);
    resume(scenario, WEBHOOK);
    api_take_answers(scenario->api);
    resume(scenario, WORKER);
}

static void uploaded(struct buffer *out, unsigned number)
{
    buffer_add_format(out,
                      "{\"success\":true,\"data\":{\"id\":\"m-%07u\",\"collection_id\":\"default\","
                      "\"length\":\"10\"}}",
                      number);
}

static void indexed(struct buffer *out, unsigned number)
{
    (void)number;
    buffer_add_text(out, "{\"success\":true}");
}

static void play_round(struct scenario *scenario)
{
    unsigned videos = scenario->options.together;

    submitter_push(scenario->submitter, videos, submitter_video, NULL);
    take_calls(scenario);
    send_callbacks(scenario, uploaded);
    take_calls(scenario);
    send_callbacks(scenario, indexed);
    submitter_follow(scenario->submitter, videos, NULL, NULL);
    for (unsigned i = 0; i < videos && scenario->options.plant != NULL; i++)
        (void)redis_server_integer(scenario->site->redis, "EXISTS reelq:waste");
    rest(scenario);
}

void scenario_play(struct scenario *scenario, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        play_round(scenario);
}

/* --- count ------------------------------------------------------------------------------------ */

static void count_programs(const struct scenario *scenario, struct figures *figures)
{
    tool_count(figures, &scenario->worker, "worker");
    tool_count(figures, &scenario->webhook, "webhook");
}

/* The text behind `prefix`, NULL when the line begins otherwise. */
static const char *behind(const char *line, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

/* "cmdstat_evalsha:calls=6,..." */
static void count_command(struct figures *figures, const char *line)
{
    const char *name = behind(line, "cmdstat_"), *calls = strstr(line, ":calls=");

    if (name == NULL || calls == NULL)
        return;
    char *figure = xasprintf("redis command %.*s", (int)(calls - name), name);
    figures_add(figures, figure, strtod(calls + strlen(":calls="), NULL));
    free(figure);
}

static void count_bytes(struct figures *figures, const char *line)
{
    const char *in = behind(line, "total_net_input_bytes:");
    const char *out = behind(line, "total_net_output_bytes:");

    if (in != NULL)
        figures_add(figures, "redis bytes in", strtod(in, NULL));
    if (out != NULL)
        figures_add(figures, "redis bytes out", strtod(out, NULL));
}

/* "INFO everything", asked in so many bytes; the answer is one string, its length before it. */
enum { ASKED_BYTES = sizeof("*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n") - 1 };

static void count_redis(struct scenario *scenario, struct figures *figures)
{
    redisReply *reply = redis_server_command(scenario->site->redis, "INFO everything");
    double answer = snprintf(NULL, 0, "$%zu\r\n", reply->len) + (double)reply->len + 2;
    char *rest_of_it = reply->str;

    for (char *line = strsep(&rest_of_it, "\n"); line != NULL; line = strsep(&rest_of_it, "\n")) {
        count_command(figures, line);
        count_bytes(figures, line);
    }
    figures_add(figures, "redis command info", -++scenario->looks);
    figures_add(figures, "redis bytes in", -ASKED_BYTES * scenario->looks);
    figures_add(figures, "redis bytes out", -scenario->answered_bytes);
    scenario->answered_bytes += answer;
    freeReplyObject(reply);
}

void scenario_so_far(struct scenario *scenario, struct figures *figures)
{
    count_redis(scenario, figures);
    if (scenario->options.tool == TOOL_STRACE)
        count_programs(scenario, figures);
}

/* --- life ------------------------------------------------------------------------------------- */

static void init_tool(struct scenario *scenario, struct tool_run *run, const char *name)
{
    char *file = xasprintf("%s/%s", scenario->options.folder, name);

    tool_init(run, scenario->options.tool, file, scenario->options.plant);
    free(file);
}

struct scenario *scenario_new(const struct scenario_options *options)
{
    struct scenario *scenario = xcalloc(1, sizeof(*scenario));

    share_processor();
    scenario->options = *options;
    init_tool(scenario, &scenario->worker, "worker");
    init_tool(scenario, &scenario->webhook, "webhook");
    scenario->api = api_new();
    scenario->site = site_new(&(struct site_options){.workers = 1,
                                                     .api = api_url(scenario->api),
                                                     .worker_settings = settings,
                                                     .worker_tool = scenario->worker.words,
                                                     .webhook_tool = scenario->webhook.words});
    scenario->submitter = submitter_new(redis_server_path(scenario->site->redis));
    scenario->parts[WORKER].pid = process_pid(scenario->site->workers[0]);
    scenario->parts[WEBHOOK].pid = process_pid(scenario->site->webhook);
    scenario->parts[REDIS].pid = redis_server_pid(scenario->site->redis);
    rest(scenario);
    return scenario;
}

void scenario_end(struct scenario *scenario, struct figures *figures)
{
    site_stop_programs(scenario->site);
    if (scenario->options.tool == TOOL_CALLGRIND)
        count_programs(scenario, figures);
    submitter_free(scenario->submitter);
    site_free(scenario->site);
    api_free(scenario->api);
    tool_clear(&scenario->worker);
    tool_clear(&scenario->webhook);
    free(scenario);
}
