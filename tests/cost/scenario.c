#include "cost/scenario.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "bench/site.h"
#include "bench/stage.h"
#include "bench/submitter.h"

enum { LOOKS = 2, LOOK_NS = 200000, PATIENCE_MS = 20000 };

/* What is done by the clock is to be rare; the rest is as users have it. */
static const char *const settings[] = {"REELQ_LEASE=1h", "REELQ_UNKNOWN_GRACE=3h", NULL};

struct scenario {
    struct scenario_options options;
    struct stage *stage;
    struct site *site;
    struct submitter *submitter;
    struct tool_run worker, webhook;
    unsigned videos;              /* played */
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

/* Does the process wait for something? A tool that has it stopped does not count as that. */
static bool sleeps(pid_t pid)
{
    char path[64], text[256] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL)
        fail("a program has ended");
    (void)fclose(file);
    const char *state = strrchr(text, ')');
    return state != NULL && strncmp(state, ") S", strlen(") S")) == 0;
}

static bool all_sleep(const struct site *site)
{
    return sleeps(process_pid(site->workers[0])) && sleeps(process_pid(site->webhook)) &&
           sleeps(redis_server_pid(site->redis));
}

/* Until nothing moves any more, which is looked at twice: what is sent on one processor may be
 * under way for a moment when another program, that is none of these, has taken it. */
static void rest(struct scenario *scenario)
{
    static const struct timespec pause = {.tv_nsec = LOOK_NS};
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;

    for (unsigned looks = 0; looks < LOOKS;) {
        (void)nanosleep(&pause, NULL);
        looks = all_sleep(scenario->site) ? looks + 1 : 0;
        if (clock_monotonic_ms() > end_ms)
            fail("the programs do not come to rest");
    }
    stage_rest(scenario->stage, 0);
}

/* --- play ------------------------------------------------------------------------------------- */

static void accept_call(struct scenario *scenario)
{
    (void)stage_await_call(scenario->stage);
    rest(scenario);
    stage_answer(scenario->stage);
    rest(scenario);
}

static void take_one(struct scenario *scenario, unsigned number)
{
    char uploaded[128];

    (void)snprintf(uploaded, sizeof(uploaded),
                   "{\"success\":true,\"data\":{\"id\":\"m-%07u\",\"collection_id\":\"default\","
                   "\"length\":\"10\"}}",
                   number);
    submitter_push(scenario->submitter, 1, submitter_video, NULL);
    accept_call(scenario);
    (void)stage_send_callback(scenario->stage, uploaded);
    accept_call(scenario);
    (void)stage_send_callback(scenario->stage, "{\"success\":true}");
    submitter_follow(scenario->submitter, 1, NULL, NULL);
    if (scenario->options.plant != NULL)
        (void)redis_server_integer(scenario->site->redis, "EXISTS reelq:waste");
    rest(scenario);
}

void scenario_play(struct scenario *scenario, unsigned videos)
{
    for (unsigned i = 0; i < videos; i++)
        take_one(scenario, scenario->videos++);
}

/* --- count ------------------------------------------------------------------------------------ */

static void count_programs(const struct scenario *scenario, struct figures *figures)
{
    tool_count(figures, &scenario->worker, "worker");
    tool_count(figures, &scenario->webhook, "webhook");
}

/* "cmdstat_evalsha:calls=6,..." */
static void count_command(struct figures *figures, const char *line)
{
    char name[FIGURE_NAME_MAX];
    double calls;

    if (sscanf(line, "cmdstat_%40[^:]:calls=%lf", name, &calls) != 2)
        return;
    char *figure = xasprintf("redis command %s", name);
    figures_add(figures, figure, calls);
    free(figure);
}

static void count_bytes(struct figures *figures, const char *line)
{
    double bytes;

    if (sscanf(line, "total_net_input_bytes:%lf", &bytes) == 1)
        figures_add(figures, "redis bytes in", bytes);
    if (sscanf(line, "total_net_output_bytes:%lf", &bytes) == 1)
        figures_add(figures, "redis bytes out", bytes);
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
    scenario->stage = stage_new();
    stage_hold(scenario->stage);
    scenario->site = site_new(&(struct site_options){.workers = 1,
                                                     .api = stage_url(scenario->stage),
                                                     .worker_settings = settings,
                                                     .worker_tool = scenario->worker.words,
                                                     .webhook_tool = scenario->webhook.words});
    scenario->submitter = submitter_new(redis_server_path(scenario->site->redis));
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
    stage_free(scenario->stage);
    tool_clear(&scenario->worker);
    tool_clear(&scenario->webhook);
    free(scenario);
}
