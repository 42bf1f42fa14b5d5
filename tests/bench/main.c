/* reelq-bench - what the pipeline costs, measured on real processes.
 *
 *     options -> guard -> for each repetition, for each measurement: site, load, board -> table
 *
 * Costs are processor time by the kernel's accounting, so what else the machine does changes them
 * little; rates and latencies it does change. Repetitions of all measurements are interleaved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bench/bench.h"
#include "bench/options.h"
#include "support/guard.h"

enum { QUICK_PART = 10, INTERRUPTED = 130, OUTPUT_MAX = 1 << 20 };

static const struct {
    const char *name;
    void (*measure)(struct bench *bench);
    const char *text;
} measurements[] = {
    {"webhook", measure_webhook, "a callback: from the request to its answer"},
    {"video", measure_video, "a video: from the push to ready"},
    {"video_aof", measure_video_aof, "the same, Redis writing an append-only file"},
    {"video_far", measure_video_far, "the same, Redis 1 ms away"},
    {"index", measure_index, "an index of a video that is there"},
    {"latency", measure_latency, "how long until the next call goes out, when idle"},
    {"memory", measure_memory, "of a worker; of a task in Redis"},
    {"depth", measure_depth, "a video while many wait"},
    {"scale", measure_scale, "a video with 1, 2, 4 and 8 workers"},
};

enum { MEASUREMENTS = sizeof(measurements) / sizeof(measurements[0]) };

unsigned bench_count(const struct bench *bench, unsigned full)
{
    return bench->quick ? full / QUICK_PART : full;
}

static bool is_wanted(const struct options *options, const char *name)
{
    for (unsigned i = 0; i < options->only_count; i++)
        if (strcmp(options->only[i], name) == 0)
            return true;
    return options->only_count == 0;
}

static bool check_names(const struct options *options, struct error *error)
{
    for (unsigned i = 0; i < options->only_count; i++) {
        unsigned at = 0;
        while (at < MEASUREMENTS && strcmp(measurements[at].name, options->only[i]) != 0)
            at++;
        if (at == MEASUREMENTS)
            return error_set(error, "unknown measurement '%s' (try --help)", options->only[i]);
    }
    return true;
}

static void print_help(void)
{
    printf("usage: reelq-bench [--quick] [--repeat N] [--json FILE] [NAME...]\n\n");
    for (unsigned i = 0; i < MEASUREMENTS; i++)
        printf("  %-10s %s\n", measurements[i].name, measurements[i].text);
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
    printf("\n%s", buffer_text(&text));
    buffer_clear(&text);
    return options->json == NULL || write_json(options, board) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static struct guard_result run(const char *folder, void *arg)
{
    const struct options *options = arg;
    struct bench bench = {board_new(), options->quick};

    (void)folder;
    for (unsigned round = 0; round < options->repeats; round++)
        for (unsigned i = 0; i < MEASUREMENTS; i++) {
            if (!is_wanted(options, measurements[i].name))
                continue;
            if (guard_interrupted())
                return (struct guard_result){INTERRUPTED, false};
            printf("%u of %u: %s\n", round + 1, options->repeats, measurements[i].text);
            (void)fflush(stdout);
            measurements[i].measure(&bench);
        }
    int status = report(options, bench.board);
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
        return 2;
    }
    log_set_level(LOG_LEVEL_WARN);
    return guard_run("bench", run, &options);
}
