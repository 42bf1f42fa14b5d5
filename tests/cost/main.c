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

enum { WARM_UP = 20, PARTS = 21, PART = 5, TEXT_MAX = 1 << 20 };
enum { GREW = 1, BROKEN = 2, NOT_GUARDED = 3 }; /* exit statuses */

static const char usage[] =
    "usage: reelq-cost [--update] [--plant LIBRARY] calls|instructions FOLDER\n"
    "\n"
    "  calls         system calls of worker and webhook, Redis commands and bytes\n"
    "  instructions  of worker and webhook, and their allocations\n"
    "  FOLDER        where the numbers are kept, as calls.txt and instructions.txt\n"
    "  --update      writes them\n"
    "  --plant       has worker and webhook load a library that wastes something\n"
    "\n"
    "Exits with 1 when a number grew, with 3 when they are of other compilers or libraries.\n";

struct options {
    bool update, help;
    const char *plant, *kind, *folder;
};

struct job {
    const struct options *options;
    enum tool tool;
    char *file, *made_with;
};

/* --- the file --------------------------------------------------------------------------------- */

/* What else than our code decides about the numbers, two parts of each version. */
static char *made_with(void)
{
    return xasprintf("# Made with: %s, glibc %s\n", COST_MADE_WITH, gnu_get_libc_version());
}

static int write_file(const struct job *job, const struct figures *now)
{
    struct buffer text = BUFFER(TEXT_MAX);
    struct figures keep = {.count = 0};

    verdict_keep(&keep, now);
    buffer_add_format(&text,
                      "# What one video costs, and at the webhook one callback.\n"
                      "# Written by: scripts/guard-cost --update\n%s\n",
                      job->made_with);
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

static int compare(const struct job *job, struct slice text, const struct figures *now)
{
    struct buffer lines = BUFFER(TEXT_MAX);
    struct figures kept;
    struct error error;

    if (!figures_read(&kept, text, &error)) {
        (void)fprintf(stderr, "cost: %s: %s\n", job->file, error.text);
        return BROKEN;
    }
    struct verdict verdict = verdict_add(&lines, job->file, &kept, now);
    printf("%s", buffer_text(&lines));
    int status = print_verdict(&verdict, kept.count);
    buffer_clear(&lines);
    return status;
}

static int compare_with_file(const struct job *job, const struct figures *now)
{
    struct buffer text = BUFFER(TEXT_MAX);

    if (access(job->file, R_OK) != 0) {
        (void)fprintf(stderr, "cost: no %s: scripts/guard-cost --update\n", job->file);
        return BROKEN;
    }
    temp_dir_read(job->file, &text);
    int status = compare(job, buffer_slice(&text), now);
    if (strstr(buffer_text(&text), job->made_with) == NULL) {
        printf("%s was made elsewhere; here it is\n%s", job->file, job->made_with);
        if (job->tool == TOOL_CALLGRIND) {
            printf("NOT GUARDED: instructions of other compilers and libraries say nothing\n");
            status = NOT_GUARDED;
        }
    }
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
static void count_calls(const struct scenario_options *options, struct figures *each)
{
    struct figures parts[PARTS] = {{.count = 0}}, ends[PARTS + 1] = {{.count = 0}};
    struct scenario *scenario = scenario_new(options);

    scenario_play(scenario, WARM_UP);
    scenario_so_far(scenario, &ends[0]);
    for (unsigned i = 0; i < PARTS; i++) {
        scenario_play(scenario, PART);
        scenario_so_far(scenario, &ends[i + 1]);
        figures_per_unit(&parts[i], &ends[i + 1], &ends[i], PART);
    }
    figures_median(each, parts, PARTS);
    scenario_end(scenario, &ends[0]);
}

/* A long run has more than a short one, and both have one start and one end. */
static void count_instructions(const struct scenario_options *options, struct figures *each)
{
    struct figures ends[2] = {{.count = 0}};

    for (unsigned i = 0; i < 2; i++) {
        struct scenario *scenario = scenario_new(options);
        scenario_play(scenario, WARM_UP + i * PARTS * PART);
        scenario_end(scenario, &ends[i]);
    }
    figures_per_unit(each, &ends[1], &ends[0], PARTS * PART);
}

static struct guard_result run(const char *folder, void *arg)
{
    const struct job *job = arg;
    struct scenario_options options = {job->tool, folder, job->options->plant};
    struct figures now = {.count = 0};

    if (job->tool == TOOL_STRACE)
        count_calls(&options, &now);
    else
        count_instructions(&options, &now);
    halve_webhook(&now);
    int status = job->options->update ? write_file(job, &now) : compare_with_file(job, &now);
    return (struct guard_result){status, false};
}

static bool parse(struct options *options, char **words)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            options->help = true;
        else if (strcmp(*words, "--update") == 0)
            options->update = true;
        else if (strcmp(*words, "--plant") == 0 && words[1] != NULL)
            options->plant = *++words;
        else if (options->kind == NULL)
            options->kind = *words;
        else if (options->folder == NULL)
            options->folder = *words;
        else
            return false;
    }
    return options->help ||
           (options->folder != NULL &&
            (strcmp(options->kind, "calls") == 0 || strcmp(options->kind, "instructions") == 0));
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
    struct job job = {&options, strcmp(options.kind, "calls") == 0 ? TOOL_STRACE : TOOL_CALLGRIND,
                      xasprintf("%s/%s.txt", options.folder, options.kind), made_with()};
    log_set_level(LOG_LEVEL_WARN);
    int status = guard_run("cost", run, &job);
    free(job.file);
    free(job.made_with);
    return status;
}
