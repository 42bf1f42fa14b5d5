#include "chaos/report.h"

#include <inttypes.h>

#include "chaos/fleet.h"

struct schedule report_schedule(const struct options *options)
{
    struct schedule_options schedule = {options->seed, options->length_ms, options->workers,
                                        options->webhooks, FLEET_LEASE_MS};

    return schedule_make(&schedule);
}

void report_add_head(struct buffer *out, const struct options *options)
{
    buffer_add_format(out,
                      "--tasks %u --minutes %.4g --seed %" PRIu64 " --workers %u --webhooks %u%s\n",
                      options->tasks, (double)options->length_ms / 60000, options->seed,
                      options->workers, options->webhooks, options->spool ? " --spool" : "");
}

static void add_row(struct buffer *out, unsigned count, const char *text)
{
    if (count > 0)
        buffer_add_format(out, "  %8u  %s\n", count, text);
}

/* What ends a fault is no fault. */
static void add_faults(struct buffer *out, const struct report *report)
{
    for (int action = 0; action < SCHEDULE_ACTION_COUNT; action++)
        if (action != SCHEDULE_WORKER_START && action != SCHEDULE_WORKER_CONTINUE &&
            action != SCHEDULE_WEBHOOK_START && action != SCHEDULE_WEBHOOK_CONTINUE &&
            action != SCHEDULE_REDIS_START && action != SCHEDULE_REDIS_CONTINUE)
            add_row(out, report->done[action], schedule_action_text((enum schedule_action)action));
}

static void add_recoveries(struct buffer *out, const struct report *report)
{
    static const struct {
        const char *word, *text;
    } rows[] = {
        {"redis-lost", "connections to Redis lost"},
        {"redis-away", "connections to Redis not made at once"},
        {"redis-up", "connections to Redis made"},
        {"api-down", "times a worker stopped calling: the API fails"},
        {"api-blocked", "times a worker stopped calling: the key is refused"},
        {"api-back", "times a worker went on calling"},
        {"run-dropped", "runs dropped by workers that had slept"},
        {"run-outdated", "late writes that did nothing"},
        {"repeat", "repeats of a known id"},
        {"callback-ignored", "callbacks ignored: old, doubled, or the task was over"},
        {"callback-unreadable", "callbacks that could not be read"},
        {"callback-not-stored", "callbacks that Redis did not take in time"},
        {"callback-given-up", "callbacks that the sandbox gave up"},
        {"drain-timeout", "workers that stopped before their calls had ended"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        add_row(out, census_of(report->census, rows[i].word), rows[i].text);
    add_row(out, report->losses, "times nobody was subscribed");
}

void report_add_text(struct buffer *out, const struct report *report)
{
    buffer_add_text(out, "\n");
    report_add_head(out, report->options);
    buffer_add_format(out, "took %.1f s\n\nFaults\n", (double)report->took_ms / 1000);
    add_faults(out, report);
    buffer_add_text(out, "\nWhat came of it\n");
    verdict_add_counts(out, report->verdict);
    buffer_add_text(out, "\nFrom the logs\n");
    add_recoveries(out, report);
    buffer_add_text(out, "\nUnexplained\n");
    verdict_add_findings(out, report->verdict);
}
