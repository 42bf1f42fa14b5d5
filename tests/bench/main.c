/* reelq-bench - what the pipeline costs, measured on real processes.
 *
 *     options -> guard -> for each repetition, for each measurement: site, load, board -> table
 *
 * Costs are processor time by the kernel's accounting, so what else the machine does changes them
 * little; rates and latencies it does change. Repetitions of all measurements are interleaved. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bench/bench.h"
#include "bench/comparison.h"
#include "bench/options.h"
#include "bench/peer.h"
#include "support/guard.h"

enum { QUICK_PART = 10, BAD = 2, INTERRUPTED = 130, OUTPUT_MAX = 1 << 20 };

/* One of ours, or a peer's. */
static const struct measurement {
    const char *name, *text;
    void (*measure)(struct bench *bench);
    const struct peer *peer;
} measurements[] = {
    {"webhook", "a callback: from the request to its answer", measure_webhook, NULL},
    {"video", "a video: from the push to ready", measure_video, NULL},
    {"video_aof", "the same, Redis writing an append-only file", measure_video_aof, NULL},
    {"video_far", "the same, Redis 1 ms away", measure_video_far, NULL},
    {"index", "an index of a video that is there", measure_index, NULL},
    {"latency", "how long until the next call goes out, when idle", measure_latency, NULL},
    {"memory", "of a worker; of a task in Redis", measure_memory, NULL},
    {"depth", "a video while many wait", measure_depth, NULL},
    {"dashboard", "that somebody watches the dashboard", measure_dashboard, NULL},
    {"scale", "a video with 1, 2, 4 and 8 workers", measure_scale, NULL},
#define PEER(name, kind, program, needs, text) {#name, text, NULL, &peers[PEER_##name]},
#include "bench/peers.def"
};

enum { MEASUREMENTS = sizeof(measurements) / sizeof(measurements[0]) };

unsigned bench_count(const struct bench *bench, unsigned full)
{
    return bench->quick ? full / QUICK_PART : full;
}

static bool is_wanted(const struct options *options, const struct measurement *measurement)
{
    for (unsigned i = 0; i < options->only_count; i++)
        if (strcmp(options->only[i], measurement->name) == 0)
            return true;
    return options->only_count == 0 && (measurement->peer == NULL || options->peers != NULL);
}

static bool check_name(const struct options *options, const char *name, struct error *error)
{
    unsigned at = 0;

    while (at < MEASUREMENTS && strcmp(measurements[at].name, name) != 0)
        at++;
    if (at == MEASUREMENTS)
        return error_set(error, "unknown measurement '%s' (try --help)", name);
    if (measurements[at].peer != NULL && options->peers == NULL)
        return error_set(error, "'%s' is a peer: it needs --peers", name);
    return true;
}

static bool check_names(const struct options *options, struct error *error)
{
    for (unsigned i = 0; i < options->only_count; i++)
        if (!check_name(options, options->only[i], error))
            return false;
    return true;
}

static void print_help(void)
{
    printf(
        "usage: reelq-bench [--quick] [--repeat N] [--json FILE] [--peers FOLDER] [NAME...]\n\n");
    for (unsigned i = 0; i < MEASUREMENTS; i++)
        printf("  %-10s %s%s\n", measurements[i].name,
               measurements[i].peer == NULL ? "" : "peer: ", measurements[i].text);
}

static bool write_json(const struct options *options, const struct board *board)
{
    struct buffer text = BUFFER(OUTPUT_MAX);
    FILE *file = fopen(options->json, "we");

    board_add_json(&text, board);
    bool done = file != NULL && fputs(buffer_text(&text), file) >= 0;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        perror(options->json);
    buffer_clear(&text);
    return done;
}

static int report(const struct options *options, const struct board *board)
{
    struct buffer text = BUFFER(OUTPUT_MAX);

    board_add_table(&text, board);
    comparison_add(&text, board);
    printf("\n%s", buffer_text(&text));
    buffer_clear(&text);
    return options->json == NULL || write_json(options, board) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The guard has told the run to end: it does, wherever it is; the guard cleans up. */
static void on_end(int number)
{
    (void)number;
    _exit(INTERRUPTED);
}

static bool look_at_peers(const struct options *options, struct bench *bench)
{
    bool good = true;

    for (unsigned i = 0; i < MEASUREMENTS; i++)
        if (measurements[i].peer != NULL && is_wanted(options, &measurements[i]))
            good = peer_look(bench, measurements[i].peer) && good;
    return good;
}

static void measure_all(const struct options *options, struct bench *bench, unsigned round)
{
    for (const struct measurement *at = measurements; at < measurements + MEASUREMENTS; at++) {
        if (!is_wanted(options, at))
            continue;
        printf("%u of %u: %s\n", round + 1, options->repeats, at->text);
        (void)fflush(stdout);
        if (at->peer != NULL)
            at->peer->measure(bench, at->peer);
        else
            at->measure(bench);
    }
}

static struct guard_result run(const char *folder, void *arg)
{
    const struct options *options = arg;
    struct bench bench = {board_new(), options->peers, options->quick};
    int status = BAD;

    (void)folder;
    (void)signal(SIGTERM, on_end);
    if (look_at_peers(options, &bench)) {
        for (unsigned round = 0; round < options->repeats; round++)
            measure_all(options, &bench, round);
        status = report(options, bench.board);
    }
    board_free(bench.board);
    return (struct guard_result){status, false};
}

int main(int count, char **arguments)
{
    struct options options;
    struct error error;
    enum options_result result = options_parse(&options, arguments + (count > 0), &error);

    if (result == OPTIONS_EXIT) {
        print_help();
        return EXIT_SUCCESS;
    }
    if (result == OPTIONS_BAD || !check_names(&options, &error)) {
        (void)fprintf(stderr, "bench: %s\n", error.text);
        return BAD;
    }
    log_set_level(LOG_LEVEL_WARN);
    return guard_run("bench", run, &options);
}
