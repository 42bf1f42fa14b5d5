#include "cli/waiting_report.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/json_read.h"
#include "base/json_write.h"

enum { SHOWN_FAILURES = 20, MAX_TEXT = 64 << 10 };

void waiting_report_init(struct waiting_report *report, struct session *session, size_t total,
                         int64_t interval_ms)
{
    static const char *const headers[] = {"failed", "stage", "error", "action", NULL};

    *report = (struct waiting_report){.session = session,
                                      .state = {.total = total, .waiting = -1},
                                      .failures = table_new(headers)};
    progress_init(&report->progress, &session->screen, interval_ms);
}

void waiting_report_clear(struct waiting_report *report)
{
    if (report->failures != NULL)
        table_free(report->failures);
    report->failures = NULL;
}

static size_t ended(const struct waiting_report *report)
{
    return report->state.ready + report->state.failed;
}

void waiting_report_begin(struct waiting_report *report)
{
    report->progress.samples[0].ended = ended(report);
}

bool waiting_report_complete(const struct waiting_report *report)
{
    return ended(report) == report->state.total;
}

/* --- one task --------------------------------------------------------------------------------- */

static void add_member(struct table *table, const struct json *doc, const char *key)
{
    struct buffer text = BUFFER(MAX_TEXT);

    (void)json_string(doc, json_get(doc, JSON_ROOT, key), &text);
    table_add(table, buffer_slice(&text));
    buffer_clear(&text);
}

static void keep_failure(struct waiting_report *report, const char *id, struct slice message)
{
    static const struct json_limits limits = {16 << 20, 64};
    struct json doc;

    if (report->state.failed > SHOWN_FAILURES || !json_parse(&doc, message, &limits, NULL))
        return;
    table_add_text(report->failures, id);
    table_paint(report->failures, INK_RED);
    add_member(report->failures, &doc, "stage");
    add_member(report->failures, &doc, "error");
    add_member(report->failures, &doc, "action");
    json_clear(&doc);
}

void waiting_report_end(struct waiting_report *report, const char *id, bool ready,
                        struct slice message)
{
    if (ready)
        report->state.ready++;
    else
        report->state.failed++;
    if (!ready)
        keep_failure(report, id, message);
    if (!report->session->arguments->json)
        return;
    buffer_add_slice(&report->session->out, message);
    buffer_add_char(&report->session->out, '\n');
    (void)session_print(report->session);
}

void waiting_report_add_message(struct buffer *out, const char *id, bool ready,
                                struct slice failure)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "event", ready ? "ready" : "failed");
    json_key_string(&w, "id", id);
    if (!ready && failure.length > 0) {
        buffer_add_char(out, ',');
        buffer_add_slice(out, failure);
    }
    json_close(&w, '}');
}

/* --- how far it is ---------------------------------------------------------------------------- */

int64_t waiting_report_due_ms(const struct waiting_report *report)
{
    return report->session->arguments->json ? INT64_MAX : progress_due_ms(&report->progress);
}

void waiting_report_show(struct waiting_report *report, int64_t waiting)
{
    report->state.waiting = waiting;
    progress_show(&report->progress, &report->state, clock_monotonic_ms(), &report->session->out);
    (void)session_print(report->session);
}

static void say(struct waiting_report *report, const char *text)
{
    progress_hide(&report->progress, &report->session->out);
    (void)session_print(report->session);
    (void)fprintf(stderr, "reelq: %s\n", text);
}

void waiting_report_lost(struct waiting_report *report)
{
    if (!report->lost)
        say(report, "Redis is away; the tasks are safe, and this goes on when it is back");
    report->lost = true;
}

void waiting_report_back(struct waiting_report *report)
{
    say(report, "Redis is back");
    report->lost = false;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void add_counts_json(struct buffer *out, const struct waiting_report *report)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "event", "end");
    json_key_int(&w, "total", (int64_t)report->state.total);
    json_key_int(&w, "ready", (int64_t)report->state.ready);
    json_key_int(&w, "failed", (int64_t)report->state.failed);
    json_key_int(&w, "ms", clock_monotonic_ms() - report->progress.started_ms);
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}

static void add_counts(struct buffer *out, const struct waiting_report *report)
{
    const struct screen *screen = &report->session->screen;
    const struct progress_state *state = &report->state;

    table_print(report->failures, screen, out);
    if (state->failed > SHOWN_FAILURES)
        buffer_add_format(out, "  ... and %zu more: reelq dead\n", state->failed - SHOWN_FAILURES);
    buffer_add_format(out, "%s%zu ready%s, ", screen_ink(screen, INK_GREEN), state->ready,
                      screen_off(screen));
    buffer_add_format(out, "%s%zu failed%s", state->failed > 0 ? screen_ink(screen, INK_RED) : "",
                      state->failed, state->failed > 0 ? screen_off(screen) : "");
    if (!waiting_report_complete(report))
        buffer_add_format(out, ", %zu still under way", state->total - ended(report));
    buffer_add_text(out, ", in ");
    screen_add_age(out, clock_monotonic_ms() - report->progress.started_ms);
    buffer_add_char(out, '\n');
}

int waiting_report_finish(struct waiting_report *report, int status)
{
    struct buffer *out = &report->session->out;

    progress_hide(&report->progress, out);
    if (report->session->arguments->json)
        add_counts_json(out, report);
    else
        add_counts(out, report);
    (void)session_print(report->session);
    return status == EXIT_DONE && report->state.failed > 0 ? EXIT_TASKS : status;
}
