#include "chaos/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/slice.h"
#include "chaos/plan.h"

enum { MOST_PROCESSES = 32, MOST_MINUTES = 24 * 60 };

struct option {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    bool (*set)(struct options *options, const char *value, struct error *error);
};

static bool read_count(unsigned *count, const char *value, unsigned most, struct error *error)
{
    uint64_t number;

    if (!slice_to_u64(slice_text(value), &number) || number < 1 || number > most)
        return error_set(error, "'%s' is not a number within 1..%u", value, most);
    *count = (unsigned)number;
    return true;
}

static bool set_tasks(struct options *options, const char *value, struct error *error)
{
    return read_count(&options->tasks, value, PLAN_MAX_TASKS, error);
}

static bool set_workers(struct options *options, const char *value, struct error *error)
{
    return read_count(&options->workers, value, MOST_PROCESSES, error);
}

static bool set_webhooks(struct options *options, const char *value, struct error *error)
{
    return read_count(&options->webhooks, value, MOST_PROCESSES, error);
}

static bool set_minutes(struct options *options, const char *value, struct error *error)
{
    char *end;
    double minutes = strtod(value, &end);

    if (end == value || *end != '\0' || !(minutes >= 0.05 && minutes <= MOST_MINUTES))
        return error_set(error, "'%s' is not a number within 0.05..%d", value, MOST_MINUTES);
    options->length_ms = (int64_t)llround(minutes * 60000);
    return true;
}

static bool set_seed(struct options *options, const char *value, struct error *error)
{
    return slice_to_u64(slice_text(value), &options->seed) ||
           error_set(error, "'%s' is not a whole number", value);
}

static bool set_keep(struct options *options, const char *value, struct error *error)
{
    (void)value;
    (void)error;
    return options->keep = true;
}

static bool set_schedule(struct options *options, const char *value, struct error *error)
{
    (void)value;
    (void)error;
    return options->schedule = true;
}

static bool set_spool(struct options *options, const char *value, struct error *error)
{
    (void)value;
    (void)error;
    return options->spool = true;
}

static const struct option table[] = {
    {"--tasks", "N", "how many tasks (2000)", set_tasks},
    {"--minutes", "M", "how long faults strike (2); may be a fraction", set_minutes},
    {"--seed", "S", "decides faults and tasks (a random one, which is printed)", set_seed},
    {"--workers", "W", "how many workers (4)", set_workers},
    {"--webhooks", "H", "how many webhooks, on one port (2)", set_webhooks},
    {"--spool", NULL, "the webhooks have a spool (REELQ_SPOOL_DIR)", set_spool},
    {"--schedule", NULL, "print which fault strikes whom and when, and end", set_schedule},
    {"--keep", NULL, "keep logs and evidence; they are kept anyway when something is unexplained",
     set_keep},
};

static void print_help(void)
{
    printf("usage: reelq-chaos [OPTION]...\nTakes tasks through workers, webhooks, Redis and the "
           "sandbox while all of them fail.\n\n");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        printf("  %-10s %-3s %s\n", table[i].name,
               table[i].argument != NULL ? table[i].argument : "", table[i].help);
}

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(name, table[i].name) == 0)
            return &table[i];
    return NULL;
}

enum options_result options_parse(struct options *options, char **arguments, struct error *error)
{
    *options = (struct options){.tasks = 2000, .workers = 4, .webhooks = 2, .length_ms = 120000};
    options->seed = (uint64_t)(clock_random_unit() * 1000000);
    for (char **at = arguments; *at != NULL; at++) {
        if (strcmp(*at, "--help") == 0 || strcmp(*at, "-h") == 0) {
            print_help();
            return OPTIONS_EXIT;
        }
        const struct option *option = find(*at);
        const char *value = option != NULL && option->argument != NULL ? *++at : "";
        if (option == NULL || value == NULL) {
            error_set(error,
                      option == NULL ? "unknown option '%s' (try --help)" : "%s has no value",
                      option == NULL ? *at : option->name);
            return OPTIONS_BAD;
        }
        if (!option->set(options, value, error)) {
            error_prefix(error, "%s", option->name);
            return OPTIONS_BAD;
        }
    }
    return OPTIONS_RUN;
}
