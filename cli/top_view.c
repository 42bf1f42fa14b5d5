#include "cli/top_view.h"

#include <stdio.h>
#include <string.h>

#include "cli/chart.h"
#include "cli/snapshot_print.h"
#include "cli/table.h"

enum { BAR = 20, LOAD_BAR = 8, MAX_PICTURE = 4096, LEAST_WORKERS = 3 };

/* --- reading ---------------------------------------------------------------------------------- */

static void remember(struct top_view *view)
{
    bool full = view->moments == TOP_HISTORY;

    for (size_t i = 0; i < OVERVIEW_PLACES; i++) {
        int64_t *history = view->history[i];
        if (full)
            memmove(history, history + 1, (TOP_HISTORY - 1) * sizeof(*history));
        history[full ? TOP_HISTORY - 1 : view->moments] = view->snapshot.counts[i];
    }
    view->moments += full ? 0 : 1;
}

bool top_view_read(struct top_view *view, struct session *session)
{
    struct snapshot snapshot;
    struct dead_list failures;

    if (!snapshot_take(session, &snapshot) ||
        !throughput_read(&view->throughput, session, snapshot.now_ms) ||
        !dead_list_read_last(&failures, session, TOP_FAILURES))
        return false;
    top_view_clear(view);
    view->failures = failures;
    view->snapshot = snapshot;
    remember(view);
    return true;
}

void top_view_clear(struct top_view *view)
{
    dead_list_clear(&view->failures);
}

/* --- for people ------------------------------------------------------------------------------- */

static size_t workers_up(const struct snapshot *snapshot)
{
    size_t up = 0;

    for (size_t i = 0; i < snapshot->worker_count; i++)
        up += !snapshot->workers[i].gone;
    return up;
}

static void add_head(struct buffer *out, const struct screen *screen, const struct top_view *view)
{
    size_t up = workers_up(&view->snapshot);

    buffer_add_format(out, "  %sreelq%s  ", screen_ink(screen, INK_BOLD), screen_off(screen));
    screen_add_time(out, view->snapshot.now_ms);
    buffer_add_format(out, "  %s%zu worker%s up%s",
                      screen_ink(screen, up > 0 ? INK_GREEN : INK_RED), up,
                      up == 1 ? " is" : "s are", screen_off(screen));
    if (view->interval_ms > 0)
        buffer_add_format(out, "  every %.3g s, q leaves", (double)view->interval_ms / 1000);
    buffer_add_char(out, '\n');
    if (view->away[0] != '\0') {
        buffer_add_format(out, "  %s", screen_ink(screen, INK_RED));
        screen_add_safe(out, slice_text(view->away));
        buffer_add_format(out, "%s\n", screen_off(screen));
    }
    buffer_add_char(out, '\n');
}

static void add_bar(struct table *table, const struct screen *screen, double share, unsigned width)
{
    struct buffer bar = BUFFER(MAX_PICTURE);

    chart_add_bar(&bar, screen, share, width);
    table_add(table, buffer_slice(&bar));
    buffer_clear(&bar);
}

static void add_line(struct table *table, const struct screen *screen, const int64_t values[],
                     size_t count)
{
    struct buffer line = BUFFER(MAX_PICTURE);

    chart_add_line(&line, screen, values, count);
    table_add(table, buffer_slice(&line));
    table_paint(table, INK_GREEN);
    buffer_clear(&line);
}

static void add_counts(struct buffer *out, const struct screen *screen, const struct top_view *view)
{
    static const char *const headers[] = {"tasks", ">number", "", "", NULL};
    struct table *table = table_new(headers);
    int64_t most = 1;

    for (size_t i = 0; i < OVERVIEW_PLACES; i++)
        most = view->snapshot.counts[i] > most ? view->snapshot.counts[i] : most;
    for (size_t i = 0; i < SNAPSHOT_ROWS; i++) {
        const struct snapshot_row *row = &snapshot_rows[i];
        int64_t count = view->snapshot.counts[row->count];
        table_add_text(table, row->title);
        table_add_number(table, count);
        table_paint(table, count > 0 ? row->ink : INK_PLAIN);
        add_bar(table, screen, (double)count / (double)most, BAR);
        table_paint(table, row->ink);
        add_line(table, screen, view->history[row->count], view->moments);
    }
    table_print(table, screen, out);
    table_free(table);
}

static void add_rates(struct buffer *out, const struct screen *screen, const struct top_view *view)
{
    static const char *const headers[] = {"ended", ">in a second", "the last minute", NULL};
    static const char *const titles[] = {"ready", "failed"};
    struct table *table = table_new(headers);

    buffer_add_char(out, '\n');
    for (unsigned kind = 0; kind < THROUGHPUT_KINDS; kind++) {
        struct buffer rate = BUFFER(MAX_PICTURE);
        buffer_add_format(&rate, "%.1f", throughput_rate(&view->throughput, kind));
        table_add_text(table, titles[kind]);
        table_add(table, buffer_slice(&rate));
        add_line(table, screen, view->throughput.counts[kind], THROUGHPUT_SECONDS);
        table_paint(table, kind == THROUGHPUT_READY ? INK_GREEN : INK_RED);
        buffer_clear(&rate);
    }
    table_print(table, screen, out);
    table_free(table);
}

static void add_failures(struct buffer *out, const struct screen *screen,
                         const struct dead_list *failures)
{
    static const char *const headers[] = {"failed at", "id", "stage", "error", NULL};
    struct table *table = table_new(headers);

    buffer_add_text(out, failures->count > 0 ? "\n" : "");
    for (size_t i = 0; i < failures->count; i++) {
        table_add_time(table, failures->dead[i].failed_at_ms);
        table_add_text(table, failures->ids[i]);
        table_add_text(table, failures->dead[i].stage);
        table_add_text(table, failures->dead[i].error);
        table_paint(table, INK_RED);
    }
    table_print(table, screen, out);
    table_free(table);
}

static void add_known(struct table *table, int64_t number)
{
    if (number >= 0)
        table_add_number(table, number);
    else
        table_add_text(table, "-");
}

static void add_load(struct table *table, const struct screen *screen,
                     const struct snapshot_worker *worker)
{
    if (worker->concurrency > 0)
        add_bar(table, screen, (double)worker->runs / (double)worker->concurrency, LOAD_BAR);
    else
        table_add_text(table, "-");
}

static void add_memory(struct table *table, int64_t bytes)
{
    char text[32] = "-";

    if (bytes >= 0)
        (void)snprintf(text, sizeof(text), "%.1f MiB", (double)bytes / (1 << 20));
    table_add_text(table, text);
}

static void add_worker(struct table *table, const struct screen *screen,
                       const struct snapshot_worker *worker, int64_t now_ms)
{
    table_add_text(table, worker->name);
    table_paint(table, worker->gone ? INK_RED : INK_PLAIN);
    table_add_number(table, worker->runs);
    add_load(table, screen, worker);
    add_known(table, worker->ready);
    add_known(table, worker->failed);
    add_memory(table, worker->memory);
    table_add_age(table, now_ms - worker->started_at_ms);
    table_add_age(table, now_ms - worker->seen_at_ms);
}

/* What is left of the screen, without the lines that stand around them. */
static size_t room_for_workers(const struct buffer *out, const struct screen *screen)
{
    size_t used = 3;

    for (size_t i = 0; i < out->length; i++)
        used += out->data[i] == '\n';
    return screen->rows > used + LEAST_WORKERS ? screen->rows - used : LEAST_WORKERS;
}

static void add_workers(struct buffer *out, const struct screen *screen,
                        const struct snapshot *snapshot)
{
    static const char *const headers[] = {"worker",  ">running", "load",      ">ready", ">failed",
                                          ">memory", ">up for",  ">seen ago", NULL};
    struct table *table = table_new(headers);
    size_t shown = room_for_workers(out, screen);

    buffer_add_char(out, '\n');
    for (size_t i = 0; i < snapshot->worker_count && i < shown; i++)
        add_worker(table, screen, &snapshot->workers[i], snapshot->now_ms);
    table_print(table, screen, out);
    table_free(table);
    if (snapshot->worker_count > shown)
        buffer_add_format(out, "  ... and %zu more\n", snapshot->worker_count - shown);
}

void top_view_add_text(struct buffer *out, const struct screen *screen, const struct top_view *view)
{
    add_head(out, screen, view);
    add_counts(out, screen, view);
    add_rates(out, screen, view);
    snapshot_add_oldest(out, &view->snapshot);
    snapshot_add_pause(out, screen, &view->snapshot);
    add_failures(out, screen, &view->failures);
    add_workers(out, screen, &view->snapshot);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void add_rate(struct json_writer *w, const char *key, double rate)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%.2f", rate);
    json_key_raw(w, key, slice_text(text));
}

void top_view_add_json(struct buffer *out, const struct top_view *view)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    snapshot_add_members(&w, &view->snapshot);
    add_rate(&w, "ready_per_s", throughput_rate(&view->throughput, THROUGHPUT_READY));
    add_rate(&w, "failed_per_s", throughput_rate(&view->throughput, THROUGHPUT_FAILED));
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}
