/* reelq-chaos - takes thousands of tasks through several workers and webhooks while the API, Redis
 * and they themselves fail, and explains every deviation afterwards or fails.
 *
 *     options -> plan, schedule (both from the seed) -> guard -> run -> audit -> table
 *
 * Reading order: weather, schedule, plan: what shall happen. fleet, submitter, listener, collect:
 * it happens, and what is seen of it goes into the ledger. audit, verdict, report: what it means.
 */
#include <stdio.h>
#include <stdlib.h>

#include "chaos/report.h"
#include "chaos/run.h"

static void print_schedule(const struct options *options)
{
    struct buffer text = BUFFER(64 << 20);
    struct schedule schedule = report_schedule(options);

    schedule_add_text(&text, &schedule);
    (void)fputs(buffer_text(&text), stdout);
    schedule_clear(&schedule);
    buffer_clear(&text);
}

static void print_head(const struct options *options)
{
    struct buffer text = BUFFER(1024);

    report_add_head(&text, options);
    printf("chaos %s", buffer_text(&text));
    buffer_clear(&text);
}

int main(int count, char **arguments)
{
    struct options options;
    struct error error;

    switch (options_parse(&options, arguments + (count > 0), &error)) {
    case OPTIONS_EXIT:
        return EXIT_SUCCESS;
    case OPTIONS_BAD:
        (void)fprintf(stderr, "chaos: %s\n", error.text);
        return 2;
    case OPTIONS_RUN:
        break;
    }
    if (options.schedule) {
        print_schedule(&options);
        return EXIT_SUCCESS;
    }
    print_head(&options);
    return guard_run("chaos", run_all, &options);
}
