/* reelq-cost - what one video costs, in numbers that do not depend on the clock, held against those
 * that are kept in a file.
 *
 *     options -> guard -> scenario -> what each video more has cost -> verdict */
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "cost/scenario.h"
#include "cost/verdict.h"
#include "support/guard.h"
#include "support/temp_dir.h"

enum { TEXT_MAX = 1 << 20 };
enum { WARM_UP = 4, PARTS = 21 };               /* of a run; a part has some rounds of videos */
enum { GREW = 1, BROKEN = 2, NOT_GUARDED = 3 }; /* exit statuses */

static const char usage[] =
    "usage: reelq-cost [--update] [--plant LIBRARY] KIND FOLDER\n"
    "\n"
    "  calls, calls_of_many                of the kernel by worker and webhook, of Redis; bytes\n"
    "  instructions, instructions_of_many  of worker and webhook; allocations\n"
    "\n"
    "  FOLDER      where the numbers are kept, as KIND.txt\n"
    "  --update    writes them\n"
    "  --plant     has worker and webhook load a library that wastes something\n"
    "\n"
    "Videos go one at a time, or 16 together.\n"
    "\n"
    "Exits with 1 when a number grew, with 3 when they are not guarded here, since compiler\n"
    "or libraries are others than those that the file names.\n";

static const struct kind {
    const char *name;
    enum tool tool;
    unsigned together, rounds; /* videos of a round, rounds of a part */
} kinds[] = {
    {"calls", TOOL_STRACE, 1, 5},
    {"calls_of_many", TOOL_STRACE, 16, 1},
    {"instructions", TOOL_CALLGRIND, 1, 5},
    {"instructions_of_many", TOOL_CALLGRIND, 16, 1},
};

struct options {
    bool update, help;
    const char *plant, *folder;
    const struct kind *kind;
};

struct job {
    const struct options *options;
    char *file, *made_with;
};

/* --- the file --------------------------------------------------------------------------------- */

/* What else than our code decides about the numbers, two parts of each version. */
static char *made_with(void)
{
    return xasprintf("# Made with: %s,glibc-%s\n", COST_MADE_WITH, gnu_get_libc_version());
}

static int write_file(const struct job *job, const struct figures *now)
{
    struct buffer text = BUFFER(TEXT_MAX);
    struct figures keep = {.count = 0};

    verdict_keep(&keep, now);
    buffer_add_format(&text,
                      "# What one video costs, and at the webhook one callback; %u at a time.\n"
                      "# Written by: scripts/guard-cost --update\n%s\n",
                      job->options->kind->together, job->made_with);
    figures_write(&text, &keep);
    FILE *file = fopen(job->file, "we");
    bool done = file != NULL && fputs(buffer_text(&text), file) >= 0;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        perror(job->file);
    buffer_clear(&text);
    return done ? EXIT_SUCCESS : BROKEN;
}

static int print_verdict(const struct verdict *verdict, unsigned figures)
{
    printf("%u figures: %u grew, %u shrank\n", figures, verdict->grew, verdict->shrank);
    if (verdict->grew > 0)
        printf(
            "If more is what it has to cost, keep the new numbers: scripts/guard-cost --update\n");
    else if (verdict->shrank > 0)
        printf("So that the gain is kept, renew the numbers: scripts/guard-cost --update\n");
    return verdict->grew > 0 ? GREW : EXIT_SUCCESS;
}

/* Only of the figures whose names begin with `prefix`. */
static int compare(const struct job *job, struct slice text, const char *prefix,
                   struct figures *now)
{
    struct buffer lines = BUFFER(TEXT_MAX);
    struct figures kept;
    struct error error;

    if (!figures_read(&kept, text, &error)) {
        (void)fprintf(stderr, "cost: %s: %s\n", job->file, error.text);
        return BROKEN;
    }
    figures_restrict(&kept, prefix);
    figures_restrict(now, prefix);
    struct verdict verdict = verdict_add(&lines, job->file, &kept, now);
    printf("%s", buffer_text(&lines));
    int status = print_verdict(&verdict, kept.count);
    buffer_clear(&lines);
    return status;
}

/* Where compiler and libraries are others, their share in what the programs do is another, too. */
static int compare_redis_only(const struct job *job, struct slice text, struct figures *now)
{
    int status = compare(job, text, "redis ", now);

    printf(
        "NOT GUARDED but for Redis: %s is of another compiler or other libraries. Here they are\n"
        "%s",
        job->file, job->made_with);
    return status == EXIT_SUCCESS ? NOT_GUARDED : status;
}

static int compare_with_file(const struct job *job, struct figures *now)
{
    struct buffer text = BUFFER(TEXT_MAX);

    if (access(job->file, R_OK) != 0) {
        (void)fprintf(stderr, "cost: no %s: scripts/guard-cost --update\n", job->file);
        return BROKEN;
    }
    temp_dir_read(job->file, &text);
    int status = strstr(buffer_text(&text), job->made_with) != NULL
                     ? compare(job, buffer_slice(&text), "", now)
                     : compare_redis_only(job, buffer_slice(&text), now);
    buffer_clear(&text);
    return status;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* Of the webhook, one callback: there are two of them to a video. */
static void halve_webhook(struct figures *figures)
{
    for (unsigned i = 0; i < figures->count; i++)
        if (strncmp(figures->list[i].name, "webhook ", strlen("webhook ")) == 0)
            figures->list[i].value /= 2;
}

/* Parts of one run: the clock makes the worker do something in one of them or another. */
static void count_calls(const struct scenario_options *options, unsigned rounds,
                        struct figures *each)
{
    struct figures parts[PARTS] = {{.count = 0}}, ends[PARTS + 1] = {{.count = 0}};
    struct scenario *scenario = scenario_new(options);

    scenario_play(scenario, WARM_UP * rounds);
    scenario_so_far(scenario, &ends[0]);
    for (unsigned i = 0; i < PARTS; i++) {
        scenario_play(scenario, rounds);
        scenario_so_far(scenario, &ends[i + 1]);
        figures_per_unit(&parts[i], &ends[i + 1], &ends[i], rounds * options->together);
    }
    figures_median(each, parts, PARTS);
    scenario_end(scenario, &ends[0]);
}

/* A long run has more than a short one, and both have one start and one end. */
static void count_instructions(const struct scenario_options *options, unsigned rounds,
                               struct figures *each)
{
    struct figures ends[2] = {{.count = 0}};

    for (unsigned i = 0; i < 2; i++) {
        struct scenario *scenario = scenario_new(options);
        scenario_play(scenario, (WARM_UP + i * PARTS) * rounds);
        scenario_end(scenario, &ends[i]);
    }
    figures_per_unit(each, &ends[1], &ends[0], PARTS * rounds * options->together);
}

static struct guard_result run(const char *folder, void *arg)
{
    const struct job *job = arg;
    const struct kind *kind = job->options->kind;
    struct scenario_options options = {kind->tool, kind->together, folder, job->options->plant};
    struct figures now = {.count = 0};

    if (kind->tool == TOOL_STRACE)
        count_calls(&options, kind->rounds, &now);
    else
        count_instructions(&options, kind->rounds, &now);
    halve_webhook(&now);
    int status = job->options->update ? write_file(job, &now) : compare_with_file(job, &now);
    return (struct guard_result){status, false};
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static bool parse(struct options *options, char **words)
{
    const char *kind = NULL;

    for (; *words != NULL; words++) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            options->help = true;
        else if (strcmp(*words, "--update") == 0)
            options->update = true;
        else if (strcmp(*words, "--plant") == 0 && words[1] != NULL)
            options->plant = *++words;
        else if (kind == NULL)
            kind = *words;
        else if (options->folder == NULL)
            options->folder = *words;
        else
            return false;
    }
    options->kind = kind == NULL ? NULL : find_kind(kind);
    return options->help || (options->kind != NULL && options->folder != NULL);
}

int main(int count, char **arguments)
{
    struct options options = {.update = false};

    if (!parse(&options, arguments + (count > 0))) {
        (void)fputs(usage, stderr);
        return BROKEN;
    }
    if (options.help)
        return fputs(usage, stdout) >= 0 ? EXIT_SUCCESS : BROKEN;
    struct job job = {&options, xasprintf("%s/%s.txt", options.folder, options.kind->name),
                      made_with()};
    log_set_level(LOG_LEVEL_WARN);
    int status = guard_run("cost", run, &job);
    free(job.file);
    free(job.made_with);
    return status;
}
